import GrapnelCore
import GrapnelEmulator
import ServiceLifecycle

/// Prints a line for each request that a stand-in got.
struct RequestLog: Service {
    /// How long it waits for the next request before it looks again.
    private static let patience: Duration = .seconds(60)

    let recorder: EmulatorRecorder

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seen = 0
            while !Task.isCancelled {
                await recorder.wait(after: seen, atMost: RequestLog.patience)
                for request in recorder.requests(after: seen) {
                    seen = request.sequence
                    Terminal.print(RequestLog.line(request))
                }
                // The recorder was cleared.
                if recorder.totals.received < seen { seen = 0 }
            }
        }
    }

    private static func line(_ request: RecordedRequest) -> String {
        var line = "\(request.receivedAt)  \(request.connector).\(request.operation ?? request.path)"
        line += "  " + (request.status.map { "HTTP \($0)" } ?? "no answer")
        if let fault = request.fault { line += "  " + Style.yellow(fault.rawValue) }
        if let problem = request.problem { line += "  " + Style.red(problem) }
        if let input = request.input { line += "  \(JSONWriter.text(input).prefix(160))" }
        if let key = request.effectKey { line += "  " + Style.dim(key) }
        return line
    }
}
