import GrapnelCore
import GrapnelRun
import Testing

/// The bytes that an isolate sends are hostile.
@Suite struct FrameTests {
    private func decoded(_ bytes: [UInt8]) throws -> [Frame] {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    @Test func `frames come whole, however they were cut`() throws {
        let frames = [
            Frame(kind: .loaded, id: 0, payload: []), Frame(kind: .call, id: 7, payload: Array("{}".utf8)),
            Frame(kind: .result, id: 0, payload: Array(repeating: 0x20, count: 100_000)),
        ]
        let bytes = frames.flatMap(\.bytes)
        #expect(try decoded(bytes) == frames)
        for size in [1, 3, 8, 9, 10, 4096] {
            var decoder = FrameDecoder()
            var found: [Frame] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                decoder.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let frame = try decoder.next() { found.append(frame) }
            }
            #expect(found == frames, "pieces of \(size) bytes")
        }
    }

    @Test(arguments: [0, 1, 2, 3, 4, 15, 23, 28, 255] as [UInt8])
    func `a kind that an isolate does not send is refused`(kind: UInt8) {
        #expect(throws: FrameError.self) { try decoded([0, 0, 0, 0, kind, 0, 0, 0, 0]) }
    }

    @Test func `a frame that says it is too large is refused before it is read`() {
        var bytes: [UInt8] = []
        Frame.append(UInt32(Frame.greatestPayload + 1), to: &bytes)
        #expect(throws: FrameError.self) { try decoded(bytes + [26, 0, 0, 0, 0]) }
    }

    @Test(arguments: [
        (Frame.Kind.call, "not JSON"), (.call, #"{"connection":"crm"}"#), (.call, #"{"connection":1,"operation":"x"}"#),
        (.call, #"{"connection":"c","operation":"o","key":""}"#), (.keyValue, #"{"op":"drop","key":"k"}"#),
        (.keyValue, #"{"op":"increment","key":"k","by":"many"}"#), (.send, #"{"data":{}}"#),
        (.log, #"{"level":"loud","message":"m"}"#), (.log, #"{"level":"info"}"#), (.failed, "{}"), (.ready, "abc"),
        (.fetch, "\u{1}"), (.reply, "\u{ff}\u{ff}\u{ff}\u{7f}{}"), (.result, #"{"a":"#), (.result, "\u{0}"),
    ])
    func `a message of the wrong form is refused`(kind: Frame.Kind, payload: String) {
        #expect(throws: FrameError.self) {
            try IsolateMessage(Frame(kind: kind, id: 1, payload: Array(payload.utf8)))
        }
    }

    @Test func `a reply cannot smuggle a header`() {
        let head = Array(#"{"status":200,"headers":[["x","a\r\nset-cookie: b"]]}"#.utf8)
        var payload: [UInt8] = []
        Frame.append(text: head, to: &payload)
        #expect(throws: FrameError.self) { try IsolateMessage(Frame(kind: .reply, id: 0, payload: payload)) }
    }

    @Test func `random bytes never trap the reader`() {
        var state: UInt64 = 42
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for _ in 0..<20_000 {
            let kinds: [UInt8] = [16, 17, 18, 20, 21, 22, 24, 25, 26, 27]
            let payload = (0..<Int(next() % 40)).map { _ in UInt8(truncatingIfNeeded: next()) }
            var bytes: [UInt8] = []
            Frame.append(UInt32(payload.count), to: &bytes)
            bytes += [kinds[Int(next()) % kinds.count], 1, 0, 0, 0] + payload
            guard let frame = try? decoded(bytes).first else { continue }
            _ = try? IsolateMessage(frame)
        }
    }
}
