import GrapnelCore
import GrapnelCrypto

/// A value on its way through filters.
enum TemplateValue: Sendable, Hashable {
    case json(JSON)
    /// Exact bytes, such as `raw`.
    case bytes([UInt8])
    /// A digest: hexadecimal where text is wanted, its bytes where a filter encodes it.
    case digest([UInt8])

    var json: JSON {
        switch self {
        case .json(let value): value
        case .bytes(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        case .digest(let digest): .string(Hex.encode(digest))
        }
    }

    /// The value as text; `nil` for null.
    var text: String? {
        switch self {
        case .json(.null): nil
        case .json(.string(let text)): text
        case .json(.integer(let value)): String(value)
        case .json(.number(let value)): JSONWriter.text(ofNumber: value)
        case .json(.bool(let value)): value ? "true" : "false"
        case .json(let value): JSONWriter.text(value)
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .digest(let digest): Hex.encode(digest)
        }
    }

    /// The value as the bytes of its text; `nil` for null.
    var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { return bytes }
        return text.map { Array($0.utf8) }
    }

    /// What a filter that encodes bytes starts from; `nil` for null.
    var content: [UInt8]? {
        if case .digest(let digest) = self { return digest }
        return bytes
    }
}
