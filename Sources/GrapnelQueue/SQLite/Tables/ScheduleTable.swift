import GrapnelCore

/// How far schedules have come.
struct ScheduleTable {
    /// What `decode` takes, in its order.
    static let columns = "s.recipe, s.schedule, s.done_until, s.last_tick"

    private let selection: Statement
    private let ofTenant: Statement
    private let beginning: Statement
    private let resetting: Statement
    private let advancing: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        let place = "tenant = ? AND recipe = ? AND schedule = ?"
        selection = try Statement("SELECT \(ScheduleTable.columns) FROM schedule s WHERE \(place)", on: connection)
        ofTenant = try Statement("SELECT \(ScheduleTable.columns) FROM schedule s WHERE tenant = ?", on: connection)
        beginning = try Statement(
            "INSERT INTO schedule (tenant, recipe, schedule, done_until) VALUES (?, ?, ?, ?)", on: connection)
        resetting = try Statement("UPDATE schedule SET done_until = ? WHERE \(place)", on: connection)
        advancing = try Statement(
            "UPDATE schedule SET done_until = ?, last_tick = COALESCE(?, last_tick) WHERE \(place)", on: connection)
        deletion = try Statement("DELETE FROM schedule WHERE \(place)", on: connection)
    }

    func find(tenant: TenantID, recipe: String, schedule: String) throws -> ScheduleMark? {
        try selection.add(tenant).add(recipe).add(schedule).first(ScheduleTable.decode)
    }

    func all(of tenant: TenantID) throws -> [ScheduleMark] {
        try ofTenant.add(tenant).all(ScheduleTable.decode)
    }

    /// A schedule that was not known: what came before now is none of its business.
    func begin(tenant: TenantID, recipe: String, schedule: String, now: Timestamp) throws {
        try beginning.add(tenant).add(recipe).add(schedule).add(now).run()
    }

    /// Sets back a mark that was set while the clock was wrong.
    func reset(_ mark: ScheduleMark, tenant: TenantID, now: Timestamp) throws {
        try resetting.add(now).add(tenant).add(mark.recipe).add(mark.schedule).run()
    }

    /// Ticks up to `until` are done with; `ran` is the one that made a run.
    func advance(tenant: TenantID, recipe: String, schedule: String, until: Timestamp, ran: Timestamp?) throws {
        try advancing.add(until).add(ran).add(tenant).add(recipe).add(schedule).run()
    }

    func delete(_ mark: ScheduleMark, tenant: TenantID) throws {
        try deletion.add(tenant).add(mark.recipe).add(mark.schedule).run()
    }

    /// The mark in `columns`.
    static func decode(_ row: Statement) throws -> ScheduleMark {
        ScheduleMark(
            recipe: row.text(), schedule: row.text(), doneUntil: row.timestamp(), lastTick: row.optionalTimestamp())
    }
}
