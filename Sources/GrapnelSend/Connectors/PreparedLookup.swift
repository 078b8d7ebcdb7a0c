import GrapnelCore
import GrapnelFormat

/// A question to the vendor that is ready to leave: whether an operation took place.
struct PreparedLookup: Sendable {
    /// What the vendor says.
    enum Answer: Sendable, Hashable {
        /// It took place; its output.
        case found(JSON, status: Int)
        /// It did not.
        case missing(status: Int?)
        /// The question was not answered.
        case failed(CallFailure)
    }

    var prepared: PreparedRequest
    let rule: ReconcileRule

    /// Renders the look-up of an operation.
    ///
    /// - Parameter input: The input of the operation that is looked up.
    static func make(
        _ connection: Connection, _ operation: OperationDefinition, input: JSON, secrets: any SecretReading,
        context: SendingContext
    ) throws(CallFailure) -> PreparedLookup {
        guard let rule = operation.reconcile, let lookup = connection.connector.operation(rule.operation) else {
            throw OperationRequest.refusal(
                "no_lookup", "the connector \(connection.connector.id) does not say how to look \(operation.name) up")
        }
        let scope = DictionaryScope(context.roots.merging(["input": .json(input)]) { $1 })
        let wanted: JSON
        do throws(ExpressionError) {
            wanted = try rule.input.render(in: scope)
        } catch {
            throw OperationRequest.refusal(
                "invalid_lookup", "\(operation.name) cannot be looked up: \(error.description)")
        }
        let violations = lookup.input.violations(of: wanted)
        guard violations.isEmpty else {
            let list = violations.prefix(5).map { "\($0)" }.joined(separator: "; ")
            throw OperationRequest.refusal("invalid_lookup", "\(operation.name) cannot be looked up: \(list)")
        }
        return PreparedLookup(
            prepared: try PreparedRequest.make(
                connection, lookup, input: wanted, secrets: secrets, context: context), rule: rule)
    }

    /// What the end of the question says. A vendor that knows no such thing may answer 404.
    func answer(of outcome: OperationOutcome) -> Answer {
        switch outcome {
        case .confirmed(let output, let status):
            let scope = DictionaryScope(["output": .json(output)])
            guard rule.found?.matches(scope) ?? true else { return .missing(status: status) }
            // It is there, whatever its output looks like.
            return .found(rule.output.map { (try? $0.render(in: scope)) ?? .null } ?? output, status: status)
        case .failed(let failure) where failure.status == 404: return .missing(status: 404)
        case .failed(let failure), .unknown(let failure): return .failed(failure)
        }
    }
}
