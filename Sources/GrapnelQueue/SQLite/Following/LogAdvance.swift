/// What there is after a position.
package enum LogAdvance {
    /// Whole commits.
    case stretch(LogStretch)
    /// Nothing was committed since.
    case nothing
    /// Another log is there, and the hub has not said yet that it comes right after this one. It says so at once, or
    /// never.
    case unlinked
}
