/// Cuts the bytes that an isolate sends into frames. Every byte is hostile: what is malformed throws, and the isolate
/// is killed.
package struct FrameDecoder {
    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    /// Takes what was read.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 0, start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame; `nil` when more bytes are needed.
    package mutating func next() throws(FrameError) -> Frame? {
        let available = buffer.count - start
        guard available >= Frame.headerSize else { return nil }
        let count = Int(Frame.uint32(buffer[start..<(start + 4)]))
        guard count <= Frame.greatestPayload else { throw FrameError("a frame of \(count) bytes is too large") }
        let code = buffer[start + 4]
        guard let kind = Frame.Kind(rawValue: code), code >= 16 else {
            throw FrameError("an isolate does not send frames of kind \(code)")
        }
        guard available >= Frame.headerSize + count else { return nil }
        let id = Frame.uint32(buffer[(start + 5)..<(start + 9)])
        let payload = Array(buffer[(start + 9)..<(start + 9 + count)])
        start += Frame.headerSize + count
        if start > 1 << 16 {
            buffer.removeFirst(start)
            start = 0
        }
        return Frame(kind: kind, id: id, payload: payload)
    }
}
