/// Why bytes could not be sealed or opened.
package enum SealError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key is not 32 bytes long.
    case wrongKeySize(Int)
    /// The bytes are shorter than any sealed text, or of a format this version does not know.
    case notSealed
    /// Another key, another context, or changed bytes.
    case notAuthentic
    /// The C library refused.
    case unavailable

    package var description: String {
        switch self {
        case .wrongKeySize(let count): "a sealing key has \(Sealer.keyCount) bytes, this one has \(count)"
        case .notSealed: "these bytes were not sealed by this version of the hub"
        case .notAuthentic: "the sealed bytes do not fit this key and place: another key file, or changed bytes"
        case .unavailable: "OpenSSL offers no AES-256-GCM here"
        }
    }
}
