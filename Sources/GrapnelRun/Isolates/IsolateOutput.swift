package import GrapnelCore

/// Something that a handler leaves behind, to be committed with its run.
package enum IsolateOutput: Sendable, Hashable {
    /// `send.<connection>.<operation>(input, { key, delay })`.
    case send(OutputRequest)
    /// `emit(type, data, { key, delay, at })`: a new event of source `recipe:<name>`.
    case emit(EventEmission)
}
