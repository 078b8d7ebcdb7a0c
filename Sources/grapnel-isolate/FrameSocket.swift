import Glibc

/// Frames over the isolate's one descriptor: `u32 length | u8 kind | u32 id | payload`, little-endian.
struct FrameSocket {
    private static let descriptor: Int32 = 3
    private static let headerSize = 9

    /// One frame from the hub.
    struct Frame {
        let kind: UInt8
        let id: UInt32
        let payload: [UInt8]
    }

    /// Waits for a frame, at most `timeout` milliseconds (-1: for ever); `nil` when the time has passed.
    static func receive(timeout: Int32) -> Frame? {
        if timeout >= 0 {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, timeout) <= 0 { return nil }
        }
        let header = read(headerSize)
        return Frame(
            kind: header[4], id: Wire.uint32(header, at: 5), payload: read(Int(Wire.uint32(header, at: 0))))
    }

    /// The end of a run, which the hub hears when nothing of the run is left to do: else what a handler left running
    /// would run on into another one.
    nonisolated(unsafe) private static var ending: [UInt8] = []

    /// Keeps a frame until `sendEnding`.
    static func keepEnding(_ kind: UInt8, id: UInt32, _ text: [UInt8], bytes: UnsafeRawBufferPointer?) {
        ending = frame(kind, id: id, text, bytes: bytes)
    }

    /// Writes the frame that was kept, if one was.
    static func sendEnding() {
        guard !ending.isEmpty else { return }
        write(ending)
        ending = []
    }

    /// Writes a frame whose payload is `text` and, when there are bytes, the text's length before it and they after it.
    static func send(_ kind: UInt8, id: UInt32 = 0, _ text: [UInt8], bytes: UnsafeRawBufferPointer? = nil) {
        write(frame(kind, id: id, text, bytes: bytes))
    }

    private static func frame(
        _ kind: UInt8, id: UInt32, _ text: [UInt8], bytes: UnsafeRawBufferPointer?
    ) -> [UInt8] {
        var frame: [UInt8] = []
        let count = text.count + (bytes.map { $0.count + 4 } ?? 0)
        frame.reserveCapacity(headerSize + count)
        frame += Wire.bytes(UInt32(count))
        frame.append(kind)
        frame += Wire.bytes(id)
        if bytes != nil { frame += Wire.bytes(UInt32(text.count)) }
        frame += text
        if let bytes { frame += bytes }
        return frame
    }

    private static func write(_ frame: [UInt8]) {
        var sent = 0
        while sent < frame.count {
            let written = frame.withUnsafeBytes { buffer in
                buffer.baseAddress.map { Glibc.write(descriptor, $0 + sent, buffer.count - sent) } ?? 0
            }
            if written < 0 && errno == EINTR { continue }
            // The hub is gone: there is nobody to work for.
            guard written > 0 else { _exit(0) }
            sent += written
        }
    }

    private static func read(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let received =
                    buffer.baseAddress.map {
                        Glibc.read(descriptor, $0 + initialized, count - initialized)
                    } ?? 0
                if received < 0 && errno == EINTR { continue }
                guard received > 0 else { _exit(0) }
                initialized += received
            }
        }
    }
}
