package import GrapnelCore
package import GrapnelFormat

/// An inbound URL of the hub, compiled from its configuration, its provider and its secrets.
package struct Source: Sendable {
    package let name: String
    let provider: ProviderDefinition
    let verifier: SignatureVerifier?
    let publicURL: String?
    let maxBody: Int
    let dedupe: Duration
    /// Hides the shared keys of requests that are stored.
    let redaction: KeyRedaction
    /// Whether its last path segment may be a shared key.
    let takesPathKey: Bool

    /// Compiles a source.
    ///
    /// - Parameters:
    ///   - configuration: Its entry of grapnel.yaml.
    ///   - providers: The hub's providers.
    ///   - secrets: Where its secrets are.
    ///   - publicURL: The hub's own, for a source without one.
    /// - Throws: `FormatErrors` that name the source and what to change.
    package init(
        _ configuration: SourceConfiguration, providers: [ProviderDefinition], secrets: any SecretReading,
        publicURL: String?
    ) throws(FormatErrors) {
        name = configuration.name
        provider = try ProviderDefinition.provider(of: configuration, among: providers)
        self.publicURL = configuration.publicURL ?? publicURL
        maxBody = configuration.maxBody.bytes
        dedupe = configuration.dedupe
        let schemes = provider.schemes(for: configuration)
        redaction = KeyRedaction(schemes: schemes)
        takesPathKey = schemes.contains { $0.signature.source == .path }
        guard !configuration.insecure else {
            verifier = nil
            return
        }
        var missing: [FormatError] = []
        var found: [SourceSecret] = []
        for name in configuration.secrets {
            guard let value = secrets.secret(named: name) else {
                missing.append(
                    FormatError(
                        file: "sources.\(configuration.name)", position: nil, message: "there is no secret \(name)",
                        hint: "grapnel secret set \(name), or put \(name)=… into .env"))
                continue
            }
            found.append(SourceSecret(name: name, value: String(decoding: value, as: UTF8.self)))
        }
        guard missing.isEmpty else { throw FormatErrors(missing) }
        verifier = SignatureVerifier(schemes: schemes, secrets: found)
    }
}
