package import GrapnelCore
package import GrapnelFormat
import Synchronization

/// The connections of a hub by name, each with its gate.
package final class ConnectionTable: Sendable {
    private struct Entry: Sendable {
        let connection: Connection
        let lane: ConnectionLane
    }

    private struct State: Sendable {
        var entries: [String: Entry]
        var secrets: any SecretReading
        var fingerprints: [String: [UInt8]] = [:]
    }

    private let state: Mutex<State>
    private let clock: any HubClock
    private let userAgent: String
    private let fingerprintKey: [UInt8]
    private let breaker: CircuitBreaker.Limits
    private let budget: RetryBudget.Limits

    /// - Parameters:
    ///   - connections: `connections:` of grapnel.yaml, checked.
    ///   - secrets: Where the values of credentials are, looked up for every request.
    ///   - version: The version of the hub, for `User-Agent`.
    ///   - fingerprintKey: What digests of credentials are made with. Empty where nobody keeps them.
    ///   - breaker: When the circuit breakers open.
    ///   - budget: How much is sent again.
    ///   - clock: Time, for rates.
    package init(
        connections: [Connection], secrets: any SecretReading, version: String, fingerprintKey: [UInt8] = [],
        breaker: CircuitBreaker.Limits = CircuitBreaker.Limits(), budget: RetryBudget.Limits = RetryBudget.Limits(),
        clock: any HubClock
    ) {
        self.clock = clock
        self.breaker = breaker
        self.budget = budget
        self.fingerprintKey = fingerprintKey
        userAgent = "Grapnel/\(version)"
        state = Mutex(State(entries: [:], secrets: secrets))
        replace(connections: connections, secrets: secrets)
    }

    /// Takes on other connections. One whose concurrency, rate, limits by key and breaker stay keeps its gate, with what is
    /// under way and what its vendor asked for; requests in the line of another one end there.
    package func replace(connections: [Connection], secrets: any SecretReading) {
        let fingerprints = connections.map { ($0.name, $0.fingerprint(secrets: secrets, key: fingerprintKey)) }
        state.withLock { state in
            let old = state.entries
            state.secrets = secrets
            state.fingerprints = Dictionary(fingerprints) { first, _ in first }
            state.entries = Dictionary(
                connections.map { connection in
                    if let entry = old[connection.name], entry.connection.concurrency == connection.concurrency,
                        entry.connection.rate == connection.rate,
                        entry.connection.flow.rate == connection.flow.rate,
                        entry.connection.flow.concurrency == connection.flow.concurrency,
                        entry.connection.hasBreaker == connection.hasBreaker
                    {
                        return (connection.name, Entry(connection: connection, lane: entry.lane))
                    }
                    let gate = ConnectionGate(concurrency: connection.concurrency, rate: connection.rate)
                    let lane = ConnectionLane(
                        gate: gate, breaker: connection.hasBreaker ? CircuitBreaker(limits: breaker) : nil,
                        budget: RetryBudget(limits: budget), keyed: KeyedGate(connection.flow), clock: clock)
                    return (connection.name, Entry(connection: connection, lane: lane))
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// A digest of where each connection goes and as whom: another one means that what its vendor refused may be taken
    /// now. It tells nothing of the credentials to who has not the key.
    package var fingerprints: [String: [UInt8]] { state.withLock { $0.fingerprints } }

    private var entries: [String: Entry] { state.withLock { $0.entries } }
    private var secrets: any SecretReading { state.withLock { $0.secrets } }

    /// Finds every mistake in `connections:` before anything is sent.
    ///
    /// - Returns: The connections, and what is wrong with those that are missing among them.
    package static func check(
        _ configurations: [ConnectionConfiguration], connectors: [String: ConnectorDefinition]
    ) -> (connections: [Connection], errors: [ConnectionError]) {
        var connections: [Connection] = []
        var errors: [ConnectionError] = []
        for configuration in configurations {
            guard let connector = connectors[configuration.connector] else {
                let names = connectors.keys.sorted().joined(separator: ", ")
                let known = names.isEmpty ? "the folder connectors has none" : "there are: \(names)"
                errors.append(
                    ConnectionError(
                        connection: configuration.name,
                        message: "there is no connector \"\(configuration.connector)\"; \(known)"))
                continue
            }
            do throws(ConnectionError) {
                connections.append(try Connection(configuration, connector: connector))
            } catch {
                errors.append(error)
            }
        }
        return (connections, errors)
    }

    /// What every outbound request says of its sender.
    func identify(_ headers: inout HeaderFields, idempotencyKey: String) {
        identify(&headers)
        headers.set("Grapnel-Effect", idempotencyKey)
    }

    /// What every request says that carries no effect.
    func identify(_ headers: inout HeaderFields) { headers.set("User-Agent", userAgent) }

    /// The gate of a connection.
    func lane(_ name: String) -> ConnectionLane? { entries[name]?.lane }

    /// The keys that an effect counts for.
    func keys(_ connection: String, _ operation: String, input: JSON) -> EffectKeys {
        entries[connection]?.connection.flow.keys(operation: operation, input: input) ?? .none
    }

    /// The keys that an effect counts for; what it is asked with is read only when its connection limits any.
    func keys(of effect: Effect) -> EffectKeys {
        guard let flow = entries[effect.connection]?.connection.flow, flow.limitsKeys,
            let input = try? JSONParser.parse(effect.input)
        else { return .none }
        return flow.keys(operation: effect.operation, input: input)
    }

    /// The key of the line that an output stands in; `nil` for none.
    func lane(of output: OutputRequest) -> String? {
        entries[output.connection]?.connection.flow.lane(operation: output.operation, input: output.input)
    }

    /// How long after the moment that it is meant for an output may still be sent for the first time; `nil`: for ever.
    func expiry(_ name: String) -> Duration? { entries[name]?.connection.flow.expire }

    /// The connection of this name.
    func connection(named name: String) -> Connection? { entries[name]?.connection }

    /// The connections that will let nothing through for longer than `patience`.
    func shut(for patience: Duration) -> Set<String> {
        Set(entries.filter { $0.value.lane.isShut(for: patience) }.keys)
    }

    /// The failures so far were not the vendors': every breaker closes.
    func forgetFailures() {
        for entry in entries.values { entry.lane.forgetFailures() }
    }

    /// Where it can be asked whether anybody is there: one place of each connection that has one.
    func places() -> [EgressURL] {
        let urls = entries.values.compactMap { entry in
            entry.connection.base?.url
                ?? entry.connection.hosts.sorted().first.flatMap { try? EgressURL("https://\($0)") }
        }
        let origins = Set(urls.map(\.origin)).sorted()
        return origins.compactMap { try? EgressURL($0) }
    }

    /// The connections with how their lanes stand, by name.
    package func overview() -> [(connection: Connection, lane: ConnectionLane.View)] {
        entries.values.sorted { $0.connection.name < $1.connection.name }
            .map { (connection: $0.connection, lane: $0.lane.view()) }
    }

    /// Lets no output through any gate any more.
    func turnOutputsAway() {
        for entry in entries.values { entry.lane.turnOutputsAway() }
    }

    /// An operation, when it is there and `input` fits it.
    func operation(_ connection: String, _ name: String, input: JSON) -> Result<ConnectionOperation, CallFailure> {
        definition(connection, name).flatMap { entry, operation in
            let violations = operation.input.violations(of: input)
            guard violations.isEmpty else {
                let list = violations.prefix(5).map { "\($0)" }.joined(separator: "; ")
                return .failure(OperationRequest.refusal("invalid_input", "the input does not fit: \(list)"))
            }
            return .success(ConnectionOperation(operation))
        }
    }

    /// The request of an operation.
    func prepare(
        _ connection: String, _ name: String, input: JSON, context: SendingContext
    ) -> Result<PreparedRequest, CallFailure> {
        definition(connection, name).flatMap { entry, operation in
            do throws(CallFailure) {
                var prepared = try PreparedRequest.make(
                    entry.connection, operation, input: input, secrets: secrets, context: context)
                identify(&prepared.request.headers, idempotencyKey: context.idempotencyKey)
                return .success(prepared)
            } catch {
                return .failure(error)
            }
        }
    }

    /// What asks the vendor whether an operation took place.
    func prepareLookup(
        _ connection: String, _ name: String, input: JSON, context: SendingContext
    ) -> Result<PreparedLookup, CallFailure> {
        definition(connection, name).flatMap { entry, operation in
            do throws(CallFailure) {
                var lookup = try PreparedLookup.make(
                    entry.connection, operation, input: input, secrets: secrets, context: context)
                identify(&lookup.prepared.request.headers, idempotencyKey: context.idempotencyKey)
                return .success(lookup)
            } catch {
                return .failure(error)
            }
        }
    }

    /// How an operation is looked up, when it is there and can be.
    func reconcileRule(_ connection: String, _ name: String) -> ReconcileRule? {
        entries[connection]?.connection.connector.operation(name)?.reconcile
    }

    private func definition(_ connection: String, _ name: String) -> Result<(Entry, OperationDefinition), CallFailure> {
        guard let entry = entries[connection] else {
            return .failure(
                CallFailure(
                    code: "unknown_connection",
                    message: "there is no connection \(connection) in grapnel.yaml", isRetryable: true,
                    outcome: .definite))
        }
        guard let operation = entry.connection.connector.operation(name) else {
            let known = entry.connection.connector.operations.map(\.name).joined(separator: ", ")
            return .failure(
                OperationRequest.refusal(
                    "unknown_operation",
                    "the connector \(entry.connection.connector.id) has no operation \(name); it has: \(known)"))
        }
        return .success((entry, operation))
    }
}

extension PreparedRequest {
    /// Renders an operation with the connection's credentials.
    static func make(
        _ connection: Connection, _ operation: OperationDefinition, input: JSON, secrets: any SecretReading,
        context: SendingContext
    ) throws(CallFailure) -> PreparedRequest {
        var names = operation.request.credentials
        if !operation.request.isByCredential { names.formUnion(connection.auth.credentials) }
        let credentials = try CredentialValues(names, of: connection, secrets: secrets)
        let request = OperationRequest(
            connection: connection, operation: operation, input: input, credentials: credentials, context: context)
        let redaction = credentials.redaction(auth: connection.auth)
        do throws(CallFailure) {
            return PreparedRequest(
                request: try request.make(), rule: operation.response, retryOn: connection.retryOn,
                retryAfter: connection.connector.retryAfter,
                redaction: redaction)
        } catch {
            throw redaction.apply(to: error)
        }
    }
}
