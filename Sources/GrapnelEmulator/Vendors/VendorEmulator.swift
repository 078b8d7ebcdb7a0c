import GrapnelCore
import GrapnelFormat

/// The stand-in of one vendor: decides, as the vendor would, what becomes of a request.
struct VendorEmulator: Sendable {
    /// The name of the connector.
    let name: String
    let operations: [VendorOperation]
    let authentication: VendorAuthentication
    private let repeats = RepeatedKeys()

    /// - Parameter credentials: What is taken, by the name of the credential; any where there is none.
    init(_ name: String, _ definition: ConnectorDefinition, credentials: [String: String]?) {
        self.name = name
        operations = definition.operations.map { VendorOperation($0) }
        authentication = VendorAuthentication(rules: definition.authChoices, expected: credentials ?? [:])
    }

    /// The operation that a method and a path belong to: of several, the one that is the most definite.
    func match(_ request: EmulatorRequest) -> VendorMatch? {
        let segments = VendorEmulator.segments(of: request.path)
        let url = request.url
        var best: (match: VendorMatch, definiteness: Int)?
        for operation in operations where operation.definiteness > best?.definiteness ?? -1 {
            guard let holes = operation.match(method: request.method, segments: segments, url: url) else { continue }
            best = (VendorMatch(operation: operation, holes: holes), operation.definiteness)
        }
        return best?.match
    }

    /// What becomes of a request.
    func outcome(of request: EmulatorRequest, match: VendorMatch?, fault: FaultRule?) -> VendorOutcome {
        var outcome = VendorOutcome(match: match, fault: fault?.kind)
        do throws(EmulatorProblem) {
            if let fault, try isHit(by: fault) { return outcome }
            if match?.operation.isURLSecret != true { try authentication.check(request) }
            guard let match else { throw unknownOperation(request) }
            let reading = match.operation.read(request, holes: match.holes)
            outcome.input = reading.isComplete || !reading.input.isEmpty ? .object(reading.input) : nil
            try authentication.check(reading.credentials)
            let problems = reading.problems + violations(of: reading, for: match.operation)
            guard problems.isEmpty else {
                throw EmulatorProblem(400, "\(name) \(match.operation.name) refuses the request", problems)
            }
            outcome.reply = match.operation.reply
            outcome.isApplied = !isRepeated(request, match.operation)
            if fault?.kind == .acceptThenReset { outcome.reply = nil }
        } catch {
            outcome.problem = error
            outcome.reply = error.reply
            if let fault, let seconds = fault.retryAfterSeconds ?? (fault.kind == .rateLimit ? 1 : nil) {
                outcome.reply?.headers.append("Retry-After", String(seconds))
            }
        }
        return outcome
    }

    /// Whether the fault leaves nothing to answer; throws what it answers.
    private func isHit(by fault: FaultRule) throws(EmulatorProblem) -> Bool {
        switch fault.kind {
        case .fail: throw EmulatorProblem(fault.status, "The stand-in was told to fail")
        case .rateLimit: throw EmulatorProblem(429, "Too many requests")
        case .reset, .hang: return true
        case .slow, .acceptThenReset: return false
        }
    }

    private func unknownOperation(_ request: EmulatorRequest) -> EmulatorProblem {
        let segments = VendorEmulator.segments(of: request.path)
        let methods = operations.compactMap { operation -> String? in
            guard case .path(let path) = operation.place, path.match(segments) != nil else { return nil }
            return operation.method.description
        }
        guard methods.isEmpty else {
            return EmulatorProblem(405, "No such method", ["\(request.path) takes \(methods.joined(separator: ", "))"])
        }
        return EmulatorProblem(404, "No such operation", ["\(name) has no \(request.method) \(request.path)"])
    }

    private func violations(of reading: RequestReading, for operation: VendorOperation) -> [String] {
        // What could not be read back cannot be checked: it may be there all the same.
        guard reading.isComplete else { return [] }
        return operation.schema.violations(of: .object(reading.input)).map { "the input: \($0)" }
    }

    private func isRepeated(_ request: EmulatorRequest, _ operation: VendorOperation) -> Bool {
        guard let header = operation.idempotencyHeader, let key = request.headers.first(header) else { return false }
        return !repeats.insert("\(operation.name) \(key)")
    }

    /// The parts of a path between slashes, decoded.
    static func segments(of path: String) -> [String] {
        path.split(separator: "/").map { part in
            String(decoding: PercentEncoding.decode(part.utf8), as: UTF8.self)
        }
    }
}
