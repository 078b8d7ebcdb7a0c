import GrapnelCore
import GrapnelFormat

/// Every setting of a hub directory, with where each comes from.
struct EffectiveSettings {
    private let files: HubFiles
    private let environment: [String: String]
    private let secrets: HubSecrets

    init(files: HubFiles, environment: [String: String], secrets: HubSecrets) {
        self.files = files
        self.environment = environment
        self.secrets = secrets
    }

    var all: [Setting] { paths + hub + sources + connections }

    private var paths: [Setting] {
        [
            Setting(
                key: "directory", value: files.paths.directory, origin: variable("GRAPNEL_DIR") ?? "--dir or default"),
            Setting(key: "state", value: files.paths.state, origin: variable("GRAPNEL_STATE") ?? "--state or default"),
        ]
    }

    private var hub: [Setting] {
        let hub = files.configuration
        return [
            setting("listen", hub.listen.description, variable: "GRAPNEL_LISTEN"),
            setting("admin", hub.admin.description, variable: "GRAPNEL_ADMIN"),
            setting("public_url", hub.publicURL ?? "none", variable: "GRAPNEL_PUBLIC_URL"),
            setting("trusted_proxies", list(hub.trustedProxies.map(\.description))),
            setting("egress.allow_private", list(hub.allowPrivate), variable: "GRAPNEL_EGRESS_ALLOW_PRIVATE"),
            setting("limits.isolates", "\(hub.isolates)"),
            setting("limits.memory", hub.isolateMemory.description),
            setting("limits.jit", "\(hub.allowsJIT)"),
            setting("limits.depth", "\(hub.depth)"),
            setting("limits.log", hub.logSize.description),
            setting("retention.events", hub.retainEvents.text),
            setting("retention.bytes", hub.retainBytes.description),
            setting("retention.dead_letters", hub.retainDeadLetters.text),
            setting("process_handlers", "\(hub.processHandlers)"),
            setting("database", hub.database ?? files.paths.database),
            setting("database_checkpoints", hub.externalCheckpoints ? "external" : "own"),
        ]
    }

    private var sources: [Setting] {
        files.configuration.sources.flatMap { source in
            let key = "sources.\(source.name)"
            return [
                setting("\(key).provider", source.provider), setting("\(key).max_body", source.maxBody.description),
                setting("\(key).dedupe", source.dedupe.text),
                setting("\(key).retention", (source.retainEvents ?? files.configuration.retainEvents).text),
            ] + source.secrets.map { secret("\(key).secrets", $0) }
        }
    }

    private var connections: [Setting] {
        files.configuration.connections.flatMap { connection in
            let key = "connections.\(connection.name)"
            let name = connection.name.uppercased().replacing("-", with: "_")
            let url = connection.baseURL ?? files.connectors[connection.connector]?.baseURL ?? "none"
            return [
                setting("\(key).connector", connection.connector),
                setting("\(key).base_url", url, variable: "GRAPNEL_CONNECTIONS_\(name)_BASE_URL"),
                setting(
                    "\(key).concurrency",
                    limits("\(connection.concurrency)", connection.flow.concurrency.map { ("\($0.limit)", $0.key) })),
                setting(
                    "\(key).rate",
                    limits(connection.rate?.description, connection.flow.rate.map { ($0.limit.description, $0.key) })),
                setting("\(key).order_by", connection.flow.orderBy?.description ?? "none"),
                setting("\(key).expire", connection.flow.expire?.text ?? "none"),
            ]
                + connection.credentials.sorted { $0.key < $1.key }.map {
                    secret("\(key).credentials.\($0.key)", $0.value)
                }
        }
    }

    private func setting(_ key: String, _ value: String, variable name: String? = nil) -> Setting {
        let place = files.position(of: key).map { "grapnel.yaml:\($0.line)" }
        return Setting(key: key, value: value, origin: name.flatMap { variable($0) } ?? place ?? "default")
    }

    private func secret(_ key: String, _ name: String) -> Setting {
        Setting(
            key: key, value: name,
            origin: secrets.origin(of: name) ?? "missing: grapnel secret set \(name)")
    }

    private func variable(_ name: String) -> String? { environment[name].map { _ in name } }

    private func limits(_ all: String?, _ keyed: (limit: String, key: PathExpression?)?) -> String {
        list([all, keyed.map { "\($0.limit) of each \($0.key?.description ?? "")" }].compactMap(\.self))
    }

    private func list(_ values: [String]) -> String { values.isEmpty ? "none" : values.joined(separator: ", ") }
}
