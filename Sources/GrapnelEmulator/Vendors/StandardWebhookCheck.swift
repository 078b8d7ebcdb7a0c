import GrapnelCore
import GrapnelCrypto

/// Checks the signature of a webhook as its receiver does (https://www.standardwebhooks.com).
struct StandardWebhookCheck: Sendable {
    /// The secret, `whsec_` and base64; without one only the form of the headers is checked.
    let secret: String?

    /// Refuses a request whose headers are missing or whose signature is another.
    ///
    /// The age is not checked: a stand-in's clock and a test's clock need not be the same.
    func check(_ request: EmulatorRequest) throws(EmulatorProblem) {
        let values = try ["webhook-id", "webhook-timestamp", "webhook-signature"].map { name throws(EmulatorProblem) in
            guard let value = request.headers.first(name), !value.isEmpty else {
                throw VendorAuthentication.refusal("the header \(name) is missing")
            }
            return value
        }
        guard Int64(values[1]) != nil else {
            throw VendorAuthentication.refusal("webhook-timestamp is no time in seconds")
        }
        let signatures = values[2].split(separator: " ").compactMap { part in
            part.hasPrefix("v1,") ? Base64.decode(String(part.dropFirst(3))) : nil
        }
        guard signatures.contains(where: { $0.count == 32 }) else {
            throw VendorAuthentication.refusal("webhook-signature has no v1 signature")
        }
        guard let secret else { return }
        let encoded = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        guard let key = Base64.decode(encoded) else {
            throw EmulatorProblem(500, "The stand-in's secret is not base64 behind whsec_")
        }
        let content = Array("\(values[0]).\(values[1]).".utf8) + request.body
        let expected = HMACSignature.sign(content, key: key, algorithm: .sha256)
        guard signatures.contains(where: { ConstantTime.isEqual($0, expected) }) else {
            throw VendorAuthentication.refusal("webhook-signature is another")
        }
    }
}
