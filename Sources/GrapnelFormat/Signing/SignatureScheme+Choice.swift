package import GrapnelCore

extension SignatureScheme {
    /// The schemes that a source takes: those it names, or all but the weaker ones when it names none.
    package static func taken(_ schemes: [SignatureScheme], names: [String]?) -> [SignatureScheme] {
        guard let names else { return schemes.filter { !$0.isWeaker } }
        return schemes.filter { names.contains($0.name) }
    }

    /// The scheme to sign a sample with: the first for which `request` fits, as a vendor sends it.
    package static func signing(_ request: InboundRequest, among schemes: [SignatureScheme]) -> SignatureScheme? {
        let scope = RequestScope(request)
        return schemes.first { scheme in
            scheme.when?.matches(scope) ?? true
        }
    }
}
