/// Why a sample cannot be signed as the vendor would.
package enum SigningError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The secret is empty or not written as the scheme says.
    case unusableSecret(scheme: String)
    /// The vendor signs with a private key that nobody else has.
    case needsPrivateKey(scheme: String)
    /// The signature stands in the body, which the sample must already hold.
    case signatureInBody(scheme: String)
    /// What is signed cannot be put together.
    case incomplete(scheme: String, ExpressionError)

    package var description: String {
        switch self {
        case .unusableSecret(let scheme): "the secret is not one that the scheme \(scheme) can use"
        case .needsPrivateKey(let scheme): "the scheme \(scheme) signs with a private key that only the vendor has"
        case .signatureInBody(let scheme): "the scheme \(scheme) has its signature in the body: post a recorded one"
        case .incomplete(let scheme, let error): "the scheme \(scheme) signs something that is not there: \(error)"
        }
    }
}
