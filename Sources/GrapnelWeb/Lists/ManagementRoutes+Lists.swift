import GrapnelCore
import GrapnelQueue

extension ManagementRoutes {
    func events(_ text: Substring) async throws -> ManagementAnswer {
        let query = try ListQuery(text, filters: ListQuery.eventFilters)
        let page = try await queue.searchEvents(try query.eventQuery(now: clock.now()))
        return ManagementRoutes.list("events", page) { stored in
            ManagementDocuments.event(stored).with("runs", .integer(Int64(stored.runs)))
        }
    }

    func runs(_ text: Substring) async throws -> ManagementAnswer {
        let query = try ListQuery(text, filters: ListQuery.runFilters)
        let page = try await queue.searchRuns(try query.runQuery(now: clock.now()))
        return ManagementRoutes.list("runs", page) { run in
            ManagementDocuments.run(run).with("attempts", .integer(Int64(run.counters.attempts)))
        }
    }

    func effects(_ text: Substring) async throws -> ManagementAnswer {
        let query = try ListQuery(text, filters: ListQuery.effectFilters)
        let page = try await queue.searchEffects(try query.effectQuery(now: clock.now()))
        return ManagementRoutes.list("effects", page) { ManagementDocuments.effect($0) }
    }

    /// A page with what was looked at for it, and where the next one begins: `before` of the next request. A page that
    /// is not full is not the last one as long as there is a next.
    private static func list<Row, Subject>(
        _ name: String, _ page: SearchPage<Row, Subject>, document: (Row) -> JSON
    ) -> ManagementAnswer {
        var answer = JSONObject([
            (name, .array(page.rows.map(document))), ("scanned", .integer(Int64(page.scanned))),
        ])
        if let next = page.next { answer.append("next", .string(next.description)) }
        return ManagementAnswer(.object(answer))
    }
}
