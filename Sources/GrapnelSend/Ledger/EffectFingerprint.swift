package import GrapnelCore
import GrapnelCrypto

/// Tells whether a repeated step asks for the same: SHA-256 of the connection, the operation and the canonical input.
package enum EffectFingerprint {
    package static func make(connection: String, operation: String, input: JSON) -> [UInt8] {
        let wanted: JSON = .array([.string(connection), .string(operation), input])
        return Digest.hash(JSONWriter.bytes(wanted, style: .canonical), .sha256)
    }
}
