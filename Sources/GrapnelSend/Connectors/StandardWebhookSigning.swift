import GrapnelCore
import GrapnelCrypto

/// Signs a body per Standard Webhooks
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
struct StandardWebhookSigning {
    /// `whsec_` and base64.
    let secret: String
    /// The same for every sending of a message.
    let id: String
    let timestamp: Timestamp

    /// The three headers; `nil` when the secret is not 24 to 64 bytes in base64.
    func headers(for body: [UInt8]) -> [HeaderFields.Field]? {
        let text = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        guard let key = Base64.decode(text), (24...64).contains(key.count) else { return nil }
        let seconds = String(timestamp.milliseconds / 1000)
        let signed = Array("\(id).\(seconds).".utf8) + body
        let signature = Base64.encode(HMACSignature.sign(signed, key: key, algorithm: .sha256))
        return [
            HeaderFields.Field(name: "webhook-id", value: id),
            HeaderFields.Field(name: "webhook-timestamp", value: seconds),
            HeaderFields.Field(name: "webhook-signature", value: "v1,\(signature)"),
        ]
    }
}
