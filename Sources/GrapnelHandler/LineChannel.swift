#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// JSON lines to the hub and from it.
final class LineChannel {
    private let encoder = JSONEncoder()
    private let output = LineOutput()

    init() {
        encoder.outputFormatting = .withoutEscapingSlashes
    }

    /// The next line; `nil` when the hub has no more.
    func hear() throws -> Data? {
        readLine().map { Data($0.utf8) }
    }

    func say(_ message: some Encodable) throws {
        let bytes = try encoder.encode(message) + [UInt8(ascii: "\n")]
        guard bytes.withUnsafeBytes({ output.write($0) }) else {
            throw ChannelError("the hub does not listen")
        }
    }

    /// Says a question and waits for its answer.
    func ask<Value: Decodable>(_ question: some Encodable, for type: Value.Type) throws -> AnswerLine<Value> {
        try say(question)
        guard let line = try hear() else { throw ChannelError("the hub does not answer") }
        return try JSONDecoder().decode(AnswerLine<Value>.self, from: line)
    }
}
