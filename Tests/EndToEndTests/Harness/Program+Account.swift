import GrapnelCore
import GrapnelEmulator
import Testing

extension Program {
    /// What was counted.
    struct Account: Sendable, CustomStringConvertible {
        var acknowledged = 0
        var effects = 0
        /// Effects that came to the stand-ins more than once; all are marked.
        var repeated = 0
        /// Effects whose outcome nobody knows, and which may not be repeated.
        var unknown = 0

        var description: String {
            "\(acknowledged) acknowledged events, \(effects) effects, \(repeated) repeated and marked, "
                + "\(unknown) left to people"
        }
    }

    /// Compares what vendors were told with what the hub has, and that with what the stand-ins got, when `LoadRecipe` has
    /// come to its end: nothing that was acknowledged is lost, nothing that was confirmed sent again, every repeat marked.
    func account(of vendor: Vendor, _ recorder: EmulatorRecorder) async throws -> Account {
        // Not the notices that the hub made of what it had to leave to people.
        let events = Set(
            try await all("events").filter { $0["source"]?.string == "github" }
                .compactMap { $0["delivery_id"]?.string })
        #expect(vendor.acknowledged.subtracting(events).isEmpty, "acknowledged events are stored")

        let runs = try await all("runs").filter { $0["recipe"]?.string == LoadRecipe.name }
        #expect(runs.count == events.count)
        for run in runs where run["state"]?.string != "succeeded" {
            Issue.record("a run was left behind: \(JSONWriter.text(run))")
        }

        var arrivals: [String: [String]] = [:]
        for request in recorder.requests(after: 0) where request.isApplied {
            if let key = request.effectKey { arrivals[key, default: []].append(request.receivedAt.description) }
        }
        let effects = try await all("effects")
        #expect(effects.count == runs.count * LoadRecipe.effects)
        var account = Account(acknowledged: vendor.acknowledged.count, effects: effects.count)
        for effect in effects {
            guard let key = effect["idempotency_key"]?.string, let kind = effect["class"]?.string else { continue }
            let text = Comment(rawValue: JSONWriter.text(effect))
            let times = arrivals.removeValue(forKey: key) ?? []
            if times.count > 1 { account.repeated += 1 }
            switch effect["state"]?.string {
            case "confirmed":
                #expect(!times.isEmpty, "a confirmed effect has arrived: \(text)")
                let settled = effect["settled_at"]?.string ?? ""
                #expect(times.allSatisfy { $0 <= settled }, "nothing is sent after it is confirmed: \(text)")
            case "unknown":
                account.unknown += 1
                #expect(kind == "at_most_once", "only what may not be repeated is left to people: \(text)")
                #expect(effect["delivery"]?["park_reason"]?.string == "unknown_effect")
            default: Issue.record("an effect was left behind: \(text)")
            }
            if kind == "at_most_once" { #expect(times.count <= 1, "it is sent at most once: \(text)") }
            let isMarked = effect["maybe_duplicate"]?.bool == true
            #expect(times.count <= 1 || isMarked, "a repeat is marked: \(text)")
        }
        #expect(arrivals.isEmpty, "vendors got nothing that the ledger does not know")
        return account
    }
}
