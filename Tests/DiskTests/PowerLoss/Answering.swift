/// When a change counts as answered.
enum Answering: Sendable {
    /// When the queue says so.
    case afterCommit
    /// When it was handed to the queue: what a hub would do that answers too early.
    case beforeCommit
}
