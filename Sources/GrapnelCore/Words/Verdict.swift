/// What verification said of an accepted request: by which scheme, and by which version of which secret.
package struct Verdict: Sendable, Hashable {
    /// The scheme of the provider that matched, such as `sha256`; `unsigned` for a source with `insecure: true`.
    package var scheme: String
    /// The name of the secret that matched, never its value; `nil` for an unsigned source.
    package var secretName: String?
    /// A short fingerprint of the secret's value, so that rotations can be told apart; `nil` for an unsigned source.
    package var secretVersion: String?

    package init(scheme: String, secretName: String?, secretVersion: String?) {
        self.scheme = scheme
        self.secretName = secretName
        self.secretVersion = secretVersion
    }

    /// The verdict on a source that takes unsigned requests.
    package static let unsigned = Verdict(scheme: "unsigned", secretName: nil, secretVersion: nil)

    /// The verdict on what the hub made itself: nothing came in.
    package static let `internal` = Verdict(scheme: "internal", secretName: nil, secretVersion: nil)
}
