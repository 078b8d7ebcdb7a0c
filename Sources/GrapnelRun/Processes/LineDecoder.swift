/// Cuts the bytes that a program writes into lines. A line that is too long throws, and the program is ended.
package struct LineDecoder {
    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to here there is no line end.
    private var searched = 0
    private let longest: Int

    /// - Parameter longest: The bytes of the longest line, without its end.
    package init(longest: Int) { self.longest = longest }

    /// Takes what was read.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 1 << 16 || start == buffer.count {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole line without its end; `nil` when more bytes are needed.
    package mutating func next() throws(FrameError) -> [UInt8]? {
        guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.count
            guard buffer.count - start <= longest else { throw FrameError("a line is longer than \(longest) bytes") }
            return nil
        }
        guard end - start <= longest else { throw FrameError("a line is longer than \(longest) bytes") }
        let line = Array(buffer[start..<end])
        start = end + 1
        searched = start
        return line
    }

    /// What was read of a line that has not ended, which is then forgotten.
    package mutating func takeRest() -> [UInt8] {
        let rest = Array(buffer[start...])
        buffer = []
        start = 0
        searched = 0
        return rest
    }
}
