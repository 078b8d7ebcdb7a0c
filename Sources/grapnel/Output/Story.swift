import GrapnelCore

/// Tells what happened as a person reads it: request, event, run, attempts, effects, in the order of the way.
enum Story {
    /// Why something is dead or parked, or failed last.
    static func why(_ document: JSON) -> String {
        let parts = [
            document["dead_reason"]?.string, document["park_reason"]?.string, document["error"]?.string,
            document["failure"]?["message"]?.string,
        ].compactMap { $0 }
        return parts.isEmpty ? "" : parts.joined(separator: ": ")
    }

    /// A request with its headers and body.
    static func print(request: JSON) {
        Terminal.print("\(Style.bold(request.text("id")))  \(request.text("method")) \(request.text("url"))")
        Terminal.print("  received  \(request.text("received_at")) from \(request.text("peer"))")
        if request["kind"] != nil {
            Terminal.print("  rejected  \(Style.red(request.text("kind"))): \(request.text("detail"))")
        } else {
            Terminal.print("  verified  \(verdict(request["verdict"]))")
        }
        for header in request["headers"]?.array ?? [] {
            Terminal.print("  \(Style.dim(header.text("name") + ":")) \(header.text("value"))")
        }
        Terminal.print()
        Terminal.print(request["body"]?.string ?? request.text("body_base64"))
    }

    /// An event with its body and its runs.
    static func print(event: JSON) {
        print(causes: event["caused_by"])
        heading(of: event)
        for run in event["runs"]?.array ?? [] {
            Terminal.print(
                "  run       \(run.text("id"))  \(run.text("recipe"))  \(Style.state(run.text("state")))  \(why(run))")
            print(emitted: run["emitted"], indent: "    ")
        }
        if event["runs"]?.array?.isEmpty == true {
            let isHeld = event["conflict_of"]?.string != nil
            Terminal.print(
                "  run       none: " + (isHeld ? "it is held until it is released" : "no recipe wants this event"))
        }
        Terminal.print()
        Terminal.print(event["body"].map { JSONWriter.text($0, style: .indented) } ?? event.text("raw"))
    }

    /// A run: the whole way from the request to the vendors' answers.
    static func print(run: JSON) {
        print(causes: run["caused_by"])
        if let event = run["event"] { heading(of: event) }
        Terminal.print(
            "  run       \(Style.bold(run.text("id")))  \(run.text("recipe"))  version \(run.text("version").prefix(12))  "
                + "\(Style.state(run.text("state")))  \(why(run).prefix { !$0.isNewline })")
        if run.text("state") == "dead" {
            Terminal.print("            next: grapnel replay --missing|--again \(run.text("id"))")
        }
        if let quarantine = run["quarantine"] {
            Terminal.print(
                "            version \(quarantine.text("version").prefix(12)) broke its sandbox in "
                    + "\(quarantine.text("run")): \(quarantine.text("error"))")
            Terminal.print(
                "            next: deploy another version, or: grapnel recipes release \(run.text("recipe"))")
        }
        if let replayed = run["replay_of"]?.string { Terminal.print("            replays \(replayed)") }
        if let batch = run["batch"]?.array {
            Terminal.print(
                "            handles \(batch.count) events: \(batch.compactMap(\.string).joined(separator: " "))")
        }
        if let lane = run["lane"]?.string {
            let holder = run["held_by"]?.string.map { ", waits for \($0)" } ?? ""
            Terminal.print("            in the line of \(lane)\(holder)")
        }
        if let due = run["due_at"]?.string { Terminal.print("            next try \(due)") }
        for attempt in run["attempts"]?.array ?? [] { print(attempt: attempt, indent: "  ") }
        for effect in run["effects"]?.array ?? [] { print(effect: effect, indent: "  ") }
        print(emitted: run["emitted"], indent: "  ")
        if let result = run["result"], result != .null {
            Terminal.print("  returned  \(JSONWriter.text(result))")
        }
        if let reply = run["reply"], reply != .null {
            Terminal.print("  replied   \(reply.text("status"))  \(reply.text("body"))")
        }
    }

    /// An effect: what was sent, and how it stands.
    static func print(effect: JSON, indent: String) {
        var line = "\(indent)\(effect.text("kind") == "output" ? "output" : "call  ")    \(effect.text("id"))  "
        line += "\(effect.text("step"))  \(Style.state(effect.text("state")))"
        if let status = effect["status"]?.integer { line += "  HTTP \(status)" }
        if let sends = effect["sends"]?.integer, sends != 1 { line += "  sent \(sends) times" }
        if effect["maybe_duplicate"]?.bool == true { line += "  " + Style.yellow("maybe_duplicate") }
        Terminal.print(line)
        Terminal.print("\(indent)          \(Style.dim("key \(effect.text("idempotency_key"))"))")
        if let delivery = effect["delivery"], delivery != .null {
            let state = delivery.text("state")
            if state != "succeeded" {
                Terminal.print("\(indent)          delivery \(Style.state(state))  \(why(delivery))")
                if let lane = delivery["lane"]?.string {
                    let holder = delivery["held_by"]?.string.map { ", waits for \($0)" } ?? ""
                    Terminal.print("\(indent)          in the line of \(lane)\(holder)")
                }
                if let due = delivery["due_at"]?.string { Terminal.print("\(indent)          next try \(due)") }
            }
            for attempt in delivery["attempts"]?.array ?? [] { print(attempt: attempt, indent: indent + "  ") }
        }
        if let message = effect["failure"]?["message"]?.string { Terminal.print("\(indent)          \(message)") }
        if let next = next(effect) { Terminal.print("\(indent)          next: \(next)") }
    }

    /// What a person can do about an effect that waits for one, or that gave up.
    private static func next(_ effect: JSON) -> String? {
        let id = effect.text("id")
        let isCall = effect.text("kind") == "call"
        switch (effect["delivery"]?["state"]?.string, effect["delivery"]?["park_reason"]?.string) {
        case ("parked", "unknown_effect"): return "grapnel effects resolve --confirm|--resend|--drop \(id)"
        case ("parked", _), ("dead", _), ("cancelled", _): return "grapnel effects resend \(id)"
        case (nil, _) where isCall && effect.text("state") == "unknown":
            return "grapnel effects resolve --confirm|--resend|--drop \(id), when its run waits for it"
        default: return nil
        }
    }

    private static func heading(of event: JSON) {
        if let request = event["request"], request != .null, request.object != nil {
            Terminal.print("  request   \(request.text("id"))  received \(event.text("received_at"))")
        } else {
            Terminal.print("  request   \(event.text("request"))  received \(event.text("received_at"))")
        }
        Terminal.print("  verified  \(verdict(event["verdict"]))")
        Terminal.print(
            "  event     \(Style.bold(event.text("id")))  \(event.text("source"))  \(event.text("type"))  "
                + "delivery \(event.text("delivery_id"))")
        if let earlier = event["conflict_of"]?.string {
            Terminal.print(
                "            \(Style.yellow("conflicts")) with \(earlier): the same delivery id, another body")
            if event["runs"]?.array?.isEmpty == true {
                Terminal.print("            next: grapnel events release \(event.text("id"))")
            }
        }
    }

    private static func verdict(_ verdict: JSON?) -> String {
        guard let verdict else { return "-" }
        if verdict.text("scheme") == "internal" { return "made by this hub" }
        if verdict.text("scheme") == "unsigned" { return Style.red("unsigned (insecure: true)") }
        return "scheme \(verdict.text("scheme")), secret \(verdict.text("secret"))"
            + " (version \(verdict.text("secret_version")))"
    }

    private static func print(attempt: JSON, indent: String) {
        var line = "\(indent)attempt \(attempt.text("ordinal")) \(attempt.text("started_at"))"
        line += "  took \(attempt.text("took_ms")) ms"
        if let cold = attempt["cold_start"]?.bool { line += cold ? "  cold isolate" : "  warm isolate" }
        if let status = attempt["status"]?.integer { line += "  HTTP \(status)" }
        if let failure = attempt["failure"], failure != .null {
            line += "  \(Style.red(failure.text("kind"))): "
            let lines = failure.text("message").split(separator: "\n", omittingEmptySubsequences: false)
            line += lines.joined(separator: "\n\(indent)          ")
        }
        Terminal.print(line)
        if let stack = attempt["failure"]?["stack"]?.string {
            for frame in stack.split(separator: "\n") { Terminal.print("\(indent)          \(frame)") }
        }
        for entry in attempt["log"]?.array ?? [] {
            let fields = entry["fields"].map { "  " + JSONWriter.text($0) } ?? ""
            Terminal.print("\(indent)  log     \(entry.text("level"))  \(entry.text("message"))\(fields)")
        }
    }
}
