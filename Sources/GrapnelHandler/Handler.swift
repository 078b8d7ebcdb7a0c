#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A process handler: a function over the event's body, called again for each run that the hub gives this program.
///
///     struct Order: Decodable { let id: Int }
///
///     try Handler.serve { (event: Event<Order>, hub: Hub) in
///         try hub.send("slack", "postMessage", ["text": "order \(event.body?.id ?? 0)"])
///     }
public enum Handler {
    /// Serves runs until the hub ends the program. What `handle` returns is the run's result; what it throws fails the
    /// attempt: `Discard` for good, `RetryAfter` until later, everything else by the recipe's `retries`.
    ///
    /// - Throws: When the hub's end of the pipes is gone or talks nonsense.
    public static func serve<Body: Decodable, Result: Encodable>(
        _ handle: (Event<Body>, Hub) throws -> Result
    ) throws {
        try serve { line, channel in
            let start = try JSONDecoder().decode(RunLine<Body>.self, from: line)
            let result = try handle(start.event, Hub(run: start.run, channel: channel))
            if let reply = result as? Reply {
                try channel.say(ReplyLine(reply))
            } else {
                try channel.say(ResultLine(value: result))
            }
        }
    }

    /// Serves runs whose handler returns nothing.
    public static func serve<Body: Decodable>(_ handle: (Event<Body>, Hub) throws -> Void) throws {
        try serve { line, channel in
            let start = try JSONDecoder().decode(RunLine<Body>.self, from: line)
            try handle(start.event, Hub(run: start.run, channel: channel))
            try channel.say(ResultLine<Bool>(value: nil))
        }
    }

    private static func serve(_ run: (Data, LineChannel) throws -> Void) throws {
        let channel = LineChannel()
        while let line = try channel.hear() {
            do {
                try run(line, channel)
            } catch let error as ChannelError {
                throw error
            } catch {
                try channel.say(FailedLine(error))
            }
        }
    }
}
