import GrapnelCore

extension SQLiteWriter {
    /// Takes on which schedules there are.
    func align(_ alignment: ScheduleAlignment) throws -> [ScheduleMark] {
        let now = clock.now()
        var missing = alignment.entries
        for mark in try schedules.all(of: alignment.tenant) {
            let entry = ScheduleAlignment.Entry(recipe: mark.recipe, schedule: mark.schedule)
            if missing.remove(entry) == nil {
                try schedules.delete(mark, tenant: alignment.tenant)
            } else if mark.doneUntil > now + alignment.greatestLead {
                try schedules.reset(mark, tenant: alignment.tenant, now: now)
            }
        }
        for entry in missing {
            try schedules.begin(tenant: alignment.tenant, recipe: entry.recipe, schedule: entry.schedule, now: now)
        }
        return try schedules.all(of: alignment.tenant)
    }

    /// Records a tick; `nil` when it is recorded already, or when its schedule has gone meanwhile.
    func tick(_ tick: ScheduleTick, headers: [UInt8]) throws -> AcceptedResult? {
        guard let mark = try schedules.find(tenant: tick.tenant, recipe: tick.recipe, schedule: tick.schedule),
            mark.doneUntil < tick.at
        else { return nil }
        try schedules.advance(
            tenant: tick.tenant, recipe: tick.recipe, schedule: tick.schedule, until: tick.at,
            ran: tick.accepted == nil ? nil : tick.at)
        guard let accepted = tick.accepted else { return AcceptedResult(dispositions: [], leased: []) }
        return try accept(accepted, headers: headers)
    }
}
