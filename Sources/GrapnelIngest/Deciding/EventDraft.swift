import GrapnelCore

/// An event on its way to the queue.
struct EventDraft: Sendable {
    var type: String
    var deliveryID: String?
    var bodyKind: EventBodyKind
    /// The JSON text of the body, when it is not the raw bytes.
    var value: [UInt8]?
    /// The parsed body, for filters.
    var body: JSON?
    var parseError: String?
}
