/// What a start makes of a damaged file.
enum DamageOutcome: String, CaseIterable {
    /// Refused at the start.
    case refused = "refused at the start"
    /// Found when the row was read.
    case unreadable = "found on reading"
    /// Nothing that was stored is missing or changed.
    case harmless
    /// The last commits are missing; what is there is whole.
    case shortened = "last commits missing"
    /// Something was read that had not been stored.
    case changed = "changed unseen"
}
