#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The event that a run handles.
public struct Event<Body: Decodable>: Decodable {
    public let id: String
    /// The vendor's name for what happened, such as `issues.opened`.
    public let type: String
    /// The name of the source that it came in by.
    public let source: String
    /// RFC 3339, in UTC.
    public let receivedAt: String
    /// By name, in lower case.
    public let headers: [String: String]
    /// The parsed body; `nil` when there is none.
    public let body: Body?
    /// The exact bytes of the request's body.
    public let raw: Data
    /// Why a body that claims to be JSON, a form or XML could not be parsed.
    public let parseError: String?
    /// The run that a human replayed.
    public let replayOf: String?
    /// All events of a batch, this one first, in the order in which they came; `nil` without `batch:` in recipe.yaml.
    public let batch: [Event]?
}
