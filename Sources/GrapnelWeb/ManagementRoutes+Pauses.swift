import GrapnelCore
import GrapnelQueue

extension ManagementRoutes {
    /// A list of the hub's, each member with its pause if it has one.
    func list(_ kind: PauseKind) async throws -> ManagementAnswer {
        let pauses = try await queue.pauses().filter { $0.kind == kind }
        let marked = members(of: kind).map { member in
            guard let pause = pauses.first(where: { $0.name == member["name"]?.string }) else { return member }
            return member.with("paused", ManagementDocuments.pause(pause))
        }
        return ManagementAnswer([kind.plural: .array(marked)])
    }

    func pauses() async throws -> ManagementAnswer {
        ManagementAnswer(["pauses": .array(try await queue.pauses().map { ManagementDocuments.pause($0) })])
    }

    func pause(_ kind: PauseKind, _ name: String, _ document: JSON) async throws -> ManagementAnswer {
        let names = members(of: kind).compactMap { $0["name"]?.string }
        guard names.contains(name) else {
            let known = names.isEmpty ? "there is none" : "there are: \(names.joined(separator: ", "))"
            return ManagementAnswer(problem: 404, "there is no \(kind.rawValue) \(name); \(known)")
        }
        let pause = try await queue.pause(PauseOrder(kind: kind, name: name, reason: document["reason"]?.string))
        if kind == .connection {
            let reason = pause.reason.map { ": \($0)" } ?? ""
            await control.post(
                Notice(
                    kind: .connectionPaused, subject: name,
                    message: "the connection \(name) is paused\(reason)", details: ManagementDocuments.pause(pause)))
        }
        return ManagementAnswer(ManagementDocuments.pause(pause))
    }

    /// Resumes step by step, so that no commit takes long; what was removed from the hub directory can be resumed too.
    func resume(_ kind: PauseKind, _ name: String) async throws -> ManagementAnswer {
        var woken = 0
        while true {
            let step = try await queue.resume(Resumption(kind: kind, name: name))
            woken += step.count
            guard step.hasMore else { break }
        }
        if kind == .connection {
            await control.post(
                Notice(kind: .connectionResumed, subject: name, message: "the connection \(name) goes on"))
        }
        return ManagementAnswer([
            "kind": .string(kind.rawValue), "name": .string(name), "woken": .integer(Int64(woken)),
        ])
    }

    private func members(of kind: PauseKind) -> [JSON] {
        switch kind {
        case .source: control.sources()
        case .recipe: control.recipes()
        case .connection: control.connections()
        }
    }
}

extension PauseKind {
    /// The kind as the path of its list.
    var plural: String { "\(rawValue)s" }

    init?(plural: String) {
        guard plural.hasSuffix("s") else { return nil }
        self.init(rawValue: String(plural.dropLast()))
    }
}
