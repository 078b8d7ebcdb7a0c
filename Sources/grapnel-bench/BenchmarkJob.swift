import GrapnelCore
import GrapnelRun

/// Jobs that look like real ones.
enum BenchmarkJob {
    private struct Host: IsolateHost {
        func perform(_ operation: IsolateOperation, remaining: Duration) async -> IsolateAnswer { .text(nil) }
        func send(_ output: IsolateOutput) {}
        func log(_ line: LogLine) {}
    }

    static let host: any IsolateHost = Host()

    /// An event whose JSON body has about `bytes` bytes.
    static func event(bytes: Int) -> Event {
        var items: [String] = []
        var size = 120
        while size < bytes {
            items.append(#"{"id":\#(items.count),"name":"label \#(items.count)","color":"d73a4a","default":true}"#)
            size += (items.last?.utf8.count ?? 0) + 1
        }
        let body =
            #"{"action":"opened","number":57,"title":"Rover stops","labels":["# + items.joined(separator: ",") + "]}"
        return Event(
            id: Identifier(high: 1, low: 1), tenant: .default, source: "github", type: "issues.opened",
            deliveryID: "d1", receivedAt: Timestamp(milliseconds: 1_767_603_600_000),
            headers: HeaderFields([("Content-Type", "application/json")]), query: "", raw: Array(body.utf8),
            bodyKind: .json)
    }

    /// What a handler does mostly: look at the event, make a text, send it.
    static func handler(event: Event) -> IsolateJob { job("handler", padding: "", event: event) }

    /// About 3 KB of code that is like no other's.
    static func unique(_ number: Int, event: Event) -> IsolateJob {
        let lines = (0..<24).map {
            "function part\($0)_\(number)(a, b) { return a.map(x => x.id * \($0 + number)).filter(Boolean).join(b || ',') }"
        }
        return job("unique-\(number)", padding: lines.joined(separator: "\n"), event: event)
    }

    /// A handler that takes what it can get.
    static func bomb(_ handler: String, _ name: String, event: Event, limits: RunLimits) -> IsolateJob {
        let source = "var __mod = { default: async function (event, { log }) { \(handler) } }"
        return IsolateJob(
            tenant: .default, recipe: name, version: RecipeVersion(name), source: Array(source.utf8),
            run: Identifier(high: 2, low: 2), attempt: 1, event: event, limits: limits)
    }

    private static func job(_ name: String, padding: String, event: Event) -> IsolateJob {
        let source = """
            \(padding)
            var __mod = { default: async function (event, { send, log }) {
              const { action, title, number, labels } = event.body
              const names = labels.map(label => label.name).filter(name => !name.endsWith("7"))
              const text = `#${number} ${title} was ${action} (${names.slice(0, 5).join(", ")})`
              send.slack.postMessage({ channel: "#triage", text })
              log.info("told", { number })
              return { told: number }
            } }
            """
        return IsolateJob(
            tenant: .default, recipe: name, version: RecipeVersion(name), source: Array(source.utf8),
            connections: ["slack": ["postMessage"]], run: Identifier(high: 2, low: 1), attempt: 1, event: event)
    }
}
