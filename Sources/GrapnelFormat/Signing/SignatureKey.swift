import GrapnelCrypto

/// `key:` and `strip:` of a scheme: how the text of a secret becomes a key.
package struct SignatureKey: Sendable, Hashable {
    /// How the key is written.
    package enum Encoding: String, Sendable, Hashable, CaseIterable {
        /// The bytes of the text.
        case utf8
        case hex
        case base64
        /// A public key: SubjectPublicKeyInfo in base64, with or without the lines of PEM around it.
        case spkiBase64 = "spki-base64"
        /// A public key: its bytes alone in hexadecimal.
        case rawHex = "raw-hex"
    }

    /// `key`, utf8 when absent.
    package var encoding: Encoding
    /// `strip`: what a secret may start with and is not part of the key, such as `whsec_`.
    package var strip: String

    package init(encoding: Encoding = .utf8, strip: String = "") {
        self.encoding = encoding
        self.strip = strip
    }

    /// The key in the text of a secret; `nil` when it is empty or not written as `encoding` says.
    package func material(of secret: String, for algorithm: SignatureAlgorithm) -> SignatureKeyMaterial? {
        let text = secret.hasPrefix(strip) ? String(secret.dropFirst(strip.count)) : secret
        guard let bytes = bytes(text), !bytes.isEmpty else { return nil }
        guard algorithm.isAsymmetric else { return .bytes(bytes) }
        let key = encoding == .spkiBase64 ? PublicKey.subjectPublicKeyInfo(bytes) : PublicKey.ed25519(bytes)
        guard let key, let check = algorithm.verification, SignatureVerification.isUsable(key, for: check) else {
            return nil
        }
        return .publicKey(key)
    }

    private func bytes(_ text: String) -> [UInt8]? {
        switch encoding {
        case .utf8: Array(text.utf8)
        case .hex, .rawHex: Hex.decode(text)
        case .base64: Base64.decode(text)
        case .spkiBase64:
            Base64.decode(
                text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined().filter { !$0.isWhitespace })
        }
    }
}
