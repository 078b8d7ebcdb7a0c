import GrapnelCore
import GrapnelRun

extension Observer {
    /// A handler begins; returns the number of the execution.
    func begins(_ job: IsolateJob) -> Int {
        simulation.disturb()
        let run = job.run.digits
        let tenant = runs[run]?.tenant ?? ""
        require(
            job.tenant.name == tenant && job.event.tenant.name == tenant, .tenantsAreApart,
            "run \(run) of \(tenant) was handled as one of \(job.tenant), with an event of \(job.event.tenant)")
        checkBegin(job)
        checkQuarantine(job)
        executions.append(Execution(run: run, fence: runs[run]?.fence ?? 0))
        return executions.count - 1
    }

    /// A handler has read whose the store is that it was given.
    func read(owner: JSON?, _ job: IsolateJob) {
        guard let owner = owner?["value"]?.string else { return }
        require(
            owner == job.tenant.name, .tenantsAreApart, "a run of \(job.tenant) has read the store of \(owner)")
    }

    /// A handler came to its end, with so many outputs and these emissions.
    func planned(_ execution: Int, outputs: Int, emissions: [String]) {
        executions[execution].outputs = outputs
        executions[execution].emissions = emissions
    }

    func ended(_ execution: Int, _ result: IsolateOutcome.Result) {
        executions[execution].endedAt = wall
        if case .failed(let failure) = result { executions[execution].failure = failure }
    }

    /// The input of an effect: it tells the vendor which effect it is.
    func input(_ job: IsolateJob, step: String, number: Int64, group: String?) -> JSON {
        let origin = runs[job.run.digits]?.origin ?? ""
        groups[EffectPlace(origin: origin, step: step)] = group
        var input = JSONObject([
            ("origin", .string(origin)), ("step", .string(step)), ("number", .string("\(number)")),
        ])
        if let group { input.append("group", .string(group)) }
        return .object(input)
    }
}
