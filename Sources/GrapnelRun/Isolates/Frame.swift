/// One message between the hub and an isolate: `u32 length | u8 kind | u32 id | payload`, little-endian
/// (`docs/isolate-protocol.md`).
package struct Frame: Sendable, Hashable {
    /// What a frame says. Below 16: from the hub; from 16 on: from the isolate.
    package enum Kind: UInt8, Sendable {
        case load = 1
        case run = 2
        case settle = 3
        case ready = 16
        case loaded = 17
        case failed = 18
        case forbidden = 19
        case call = 20
        case fetch = 21
        case keyValue = 22
        case send = 24
        case log = 25
        case result = 26
        case reply = 27
    }

    /// The bytes before the payload.
    package static let headerSize = 9
    /// The largest payload that an isolate may send. 8 MiB.
    package static let greatestPayload = 8 << 20

    package var kind: Kind
    /// The number of the operation that is asked or answered; 0 in other frames.
    package var id: UInt32
    package var payload: [UInt8]

    package init(kind: Kind, id: UInt32, payload: [UInt8]) {
        self.kind = kind
        self.id = id
        self.payload = payload
    }

    /// The bytes on the wire.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Frame.headerSize + payload.count)
        Frame.append(UInt32(clamping: payload.count), to: &bytes)
        bytes.append(kind.rawValue)
        Frame.append(id, to: &bytes)
        bytes.append(contentsOf: payload)
        return bytes
    }

    /// Appends a number as it stands in frames.
    package static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Appends a text with its length before it.
    package static func append(text: [UInt8], to bytes: inout [UInt8]) {
        append(UInt32(clamping: text.count), to: &bytes)
        bytes.append(contentsOf: text)
    }

    /// The number at `offset`, which must be followed by three more bytes.
    static func uint32(_ bytes: some RandomAccessCollection<UInt8>) -> UInt32 {
        bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
