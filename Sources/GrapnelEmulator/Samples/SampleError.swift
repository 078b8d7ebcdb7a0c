package import GrapnelFormat

/// Why a sample cannot be posted.
package enum SampleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A change that is not `path=value`.
    case malformedChange(String)
    /// A path that cannot be set in a sample of this kind.
    case unsuitablePath(String, reason: String)
    /// The body of the sample is not what its name says.
    case malformedBody(type: String, reason: String)
    /// A template of the provider's `trigger:` has no value.
    case incomplete(ExpressionError)
    /// The source takes no scheme that this request could be signed by.
    case noScheme
    case signing(SigningError)

    package var description: String {
        switch self {
        case .malformedChange(let text): "\"\(text)\" is no change: write path=value, such as body.issue.title=Hello"
        case .unsuitablePath(let path, let reason): "\(path) cannot be set: \(reason)"
        case .malformedBody(let type, let reason): "the sample \(type) cannot be changed: \(reason)"
        case .incomplete(let error): "the provider's trigger: \(error)"
        case .noScheme: "the source takes no scheme that this sample could be signed by"
        case .signing(let error): "\(error)"
        }
    }
}
