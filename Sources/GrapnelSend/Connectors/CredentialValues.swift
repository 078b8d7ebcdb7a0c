import GrapnelCore
import GrapnelFormat

/// The values of the credentials that one request uses.
struct CredentialValues: Sendable {
    /// By the connector's names.
    let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    /// Looks up what an operation needs.
    ///
    /// - Throws: `CallFailure` that names the credential, or the secret, that is not there.
    init(_ names: Set<String>, of connection: Connection, secrets: any SecretReading) throws(CallFailure) {
        var values: [String: String] = [:]
        for name in names {
            guard let secret = connection.secretNames[name] else {
                throw CallFailure(
                    code: CallFailure.missingCredentialCode,
                    message: "the connection \(connection.name) names no secret for its credential \(name); add "
                        + "credentials: { \(name): … } to it in grapnel.yaml", isRetryable: false, outcome: .definite)
            }
            guard let value = secrets.secret(named: secret), !value.isEmpty else {
                throw CallFailure(
                    code: CallFailure.missingCredentialCode,
                    message: "the secret \(secret) of the connection \(connection.name) has no value; set it with: "
                        + "grapnel secret set \(secret)", isRetryable: false, outcome: .definite)
            }
            values[name] = String(decoding: value, as: UTF8.self)
        }
        self.values = values
    }

    subscript(_ name: String) -> String { values[name] ?? "" }

    /// The values as the root `credential` of templates.
    var json: JSON { .object(JSONObject(values.map { ($0.key, .string($0.value)) })) }

    /// What keeps them out of answers and messages.
    func redaction(auth: AuthRule) -> Redaction {
        var secrets = values.values.map { Array($0.utf8) }
        if case .basic(let username, let password) = auth {
            secrets.append(Array("\(self[username]):\(self[password])".utf8))
        }
        return Redaction(secrets: secrets)
    }
}
