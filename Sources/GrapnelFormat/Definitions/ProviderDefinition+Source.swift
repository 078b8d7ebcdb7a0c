import GrapnelCore

extension ProviderDefinition {
    /// The provider of a source: a built-in one made from its options, or one of `providers`; checked against what the
    /// source asks of it. Errors name the source and what to change.
    package static func provider(
        of source: SourceConfiguration, among providers: [ProviderDefinition]
    ) throws(FormatErrors) -> ProviderDefinition {
        func error(_ message: String, _ hint: String? = nil) -> FormatErrors {
            FormatErrors([
                FormatError(file: "sources.\(source.name)", position: nil, message: message, hint: hint)
            ])
        }
        let provider: ProviderDefinition
        do throws(FormatErrors) {
            switch source.provider {
            case "key": provider = try key(options: source.options)
            case "none": provider = try none(options: source.options)
            case genericHMACName where source.options != [:]: provider = try genericHMAC(options: source.options)
            default:
                guard let found = providers.first(where: { $0.id == source.provider }) else {
                    let names = providers.map(\.id) + ["key", "none"]
                    let hint = Spelling.nearest(to: source.provider, among: names).map { "did you mean \"\($0)\"?" }
                    throw error(
                        "there is no provider \"\(source.provider)\"",
                        hint ?? "there are \(names.joined(separator: ", "))")
                }
                guard source.options == [:] else {
                    throw error("the provider \"\(found.id)\" takes no options", "leave \"options\" out")
                }
                provider = found
            }
        } catch {
            throw FormatErrors(
                error.errors.map {
                    FormatError(
                        file: "sources.\(source.name)", position: nil, message: $0.message, hint: $0.hint)
                })
        }
        for name in source.schemes where !provider.verify.contains(where: { $0.name == name }) {
            let names = provider.verify.map(\.name).joined(separator: ", ")
            throw error("the provider \"\(provider.id)\" has no scheme \"\(name)\"", "it has \(names)")
        }
        if provider.verify.isEmpty, !source.insecure {
            throw error("requests of the provider \"\(provider.id)\" prove nothing", "say so with insecure: true")
        }
        if !provider.verify.isEmpty, source.secrets.isEmpty, !source.insecure {
            throw error("\"secrets\" is missing: the name of the secret that \(provider.name) signs with")
        }
        return provider
    }

    /// The schemes that `source` takes: those it names, or all but the weaker ones.
    package func schemes(for source: SourceConfiguration) -> [SignatureScheme] {
        SignatureScheme.taken(verify, names: source.schemes.isEmpty ? nil : source.schemes)
    }
}
