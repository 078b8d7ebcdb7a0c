import GrapnelRun
import Testing

/// The bytes that a program writes are hostile.
@Suite struct LineDecoderTests {
    @Test(arguments: [1, 2, 3, 7, 4096]) func `lines come whole, however they were cut`(size: Int) throws {
        let text = "one\n\ntwo\n" + String(repeating: "x", count: 70_000) + "\nthree\n"
        var decoder = LineDecoder(longest: 70_000)
        var found: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            decoder.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            while let line = try decoder.next() { found.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(found == ["one", "", "two", String(repeating: "x", count: 70_000), "three"])
    }

    @Test func `a line that is too long is refused, ended or not`() throws {
        var ended = LineDecoder(longest: 4)
        ended.append(Array("1234\n12345\n".utf8))
        #expect(try ended.next() == Array("1234".utf8))
        #expect(throws: FrameError.self) { try ended.next() }
        var endless = LineDecoder(longest: 4)
        endless.append(Array("1234".utf8))
        #expect(try endless.next() == nil)
        endless.append(Array("5".utf8))
        #expect(throws: FrameError.self) { try endless.next() }
    }

    @Test func `what has not ended can be taken, and what follows is a new line`() throws {
        var decoder = LineDecoder(longest: 4)
        decoder.append(Array("12345".utf8))
        #expect(decoder.takeRest() == Array("12345".utf8))
        decoder.append(Array("6\n".utf8))
        #expect(try decoder.next() == Array("6".utf8))
    }

    @Test func `random lines never trap the reader`() {
        var state: UInt64 = 42
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let types = ["call", "kv", "send", "emit", "log", "failed", "fetch", "reply", "result", "answer", ""]
        let values = [
            "1", "-1", "1e400", "null", "\"\"", "\"get\"", "[[1]]", "{}", "true", "\"\\u0000\"", "4294967296",
        ]
        let names = ["id", "connection", "operation", "input", "key", "op", "url", "headers", "base64", "status", "by"]
        for _ in 0..<20_000 {
            var line = "{\"type\":\"\(types[Int(next()) % types.count])\""
            for _ in 0..<Int(next() % 5) {
                line += ",\"\(names[Int(next()) % names.count])\":\(values[Int(next()) % values.count])"
            }
            _ = try? ProcessMessage.parse(Array((line + "}").utf8.dropLast(Int(next() % 3))))
        }
    }
}
