import GrapnelCore

extension Story {
    /// What led to an event, the first cause first.
    static func print(causes: JSON?) {
        for cause in (causes?.array ?? []).reversed() {
            Terminal.print(
                "  cause     \(cause.text("event"))  \(cause.text("source"))  \(cause.text("type"))")
            Terminal.print(
                "              \(cause.text("run"))  \(cause.text("recipe"))  \(Style.state(cause.text("state")))  emitted"
            )
        }
    }

    /// The events that a run emitted, each with its runs and what they emitted.
    static func print(emitted: JSON?, indent: String) {
        for event in emitted?.array ?? [] {
            Terminal.print("\(indent)emitted   \(event.text("id"))  \(event.text("source"))  \(event.text("type"))")
            if let earlier = event["conflict_of"]?.string {
                Terminal.print("\(indent)            \(Style.yellow("conflicts")) with \(earlier): another body")
            }
            for run in event["runs"]?.array ?? [] {
                Terminal.print(
                    "\(indent)  run       \(run.text("id"))  \(run.text("recipe"))  \(Style.state(run.text("state")))  "
                        + why(run))
                print(emitted: run["emitted"], indent: indent + "    ")
            }
        }
    }
}
