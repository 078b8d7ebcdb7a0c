package import GrapnelCore

/// How a run in an isolate ended.
package struct IsolateOutcome: Sendable, Hashable {
    /// What the handler did.
    package enum Result: Sendable, Hashable {
        /// It returned a string, an object or another JSON value; `nil` when it returned nothing.
        case returned(JSON?)
        /// It returned a `Response`.
        case replied(HTTPReply)
        /// It threw, or was stopped.
        case failed(AttemptFailure)
    }

    package var result: Result
    /// Whether the isolate was new for this run.
    package var coldStart: Bool
    /// Time from the call of `execute`, waiting for an isolate included.
    package var took: Duration
    /// Processor time of the run, where it is known.
    package var cpu: Duration?
    /// The most that the isolate held resident, where it is known.
    package var peakMemory: ByteCount?
    /// Log lines that did not fit `RunLimits.log`.
    package var droppedLogLines: Int

    package init(
        result: Result, coldStart: Bool, took: Duration, cpu: Duration? = nil, peakMemory: ByteCount? = nil,
        droppedLogLines: Int = 0
    ) {
        self.result = result
        self.coldStart = coldStart
        self.took = took
        self.cpu = cpu
        self.peakMemory = peakMemory
        self.droppedLogLines = droppedLogLines
    }
}
