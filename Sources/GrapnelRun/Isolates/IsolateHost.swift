package import GrapnelCore

/// What a run may ask of the hub while it is in an isolate. One value for each run; the dispatcher implements it.
///
/// Everything that arrives has passed the protocol's limits, but its content is the handler's: names, inputs and keys
/// are still to be checked against the manifest.
package protocol IsolateHost: Sendable {
    /// Performs an operation that the handler awaits. Several may be under way at once; each is asked for once, in a
    /// task of its own. When the isolate dies meanwhile the answer is dropped, and the operation is left to finish.
    ///
    /// - Parameters:
    ///   - operation: What to do. Steps are already numbered, in the handler's program order.
    ///   - remaining: Time left until the run's wall deadline.
    func perform(_ operation: IsolateOperation, remaining: Duration) async -> IsolateAnswer

    /// Takes an output, in program order. Called on the isolates' own thread: only remember it.
    func send(_ output: IsolateOutput)

    /// Takes a line of the log. Called on the isolates' own thread: only remember it.
    func log(_ line: LogLine)
}
