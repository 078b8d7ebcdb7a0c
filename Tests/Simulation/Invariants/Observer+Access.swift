import GrapnelCore
import GrapnelRun

extension Observer {
    /// A version is put in quarantine, or released.
    func quarantineChanged(_ change: Change) {
        let recipe = change.text ?? ""
        simulation.note("\(change.kind == .quarantineMade ? "quarantine of" : "release of") \(recipe)")
        quarantined[recipe] = change.kind == .quarantineMade ? simulation.thread.now : nil
    }

    /// A handler begins: its version must be allowed to. What happens in one moment has no order.
    func checkQuarantine(_ job: IsolateJob) {
        guard let since = quarantined[job.recipe] else { return }
        require(
            since == simulation.thread.now, .quarantineHolds,
            "run \(job.run.digits) began though its version is in quarantine")
    }

    /// A request carries a token: what was refused for it waits for another one.
    func checkToken(_ token: Int?, of place: EffectPlace, isTouched: Bool) {
        guard let refused = sent[place]?.refusedToken else { return }
        require(
            refused != token || isTouched, .credentialsAreAwaited,
            "\(place.step) was sent again with the token that had been refused")
    }

    /// A run waits for other credentials than those that its calls were refused for.
    func awaitsCredentials(_ change: Change) {
        guard change.state == Change.parked, change.oldState == Change.leased, change.effect == Change.unauthorized,
            let run = runs[change.id]
        else {
            return
        }
        for known in effects.values where known.place.origin == run.origin && !known.isOutput {
            if let token = known.refusedToken { sent[known.place]?.refusedToken = token }
        }
    }

    /// A person lets a run start now, whatever it waits for.
    func letGo(_ run: String) {
        guard let origin = runs[run]?.origin else { return }
        for place in sent.keys where place.origin == origin { sent[place]?.refusedToken = nil }
    }
}
