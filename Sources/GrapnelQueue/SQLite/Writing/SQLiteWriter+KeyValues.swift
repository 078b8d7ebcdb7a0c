import GrapnelCore

extension SQLiteWriter {
    /// Writes keys of a recipe's store, all or none.
    func writeKeyValues(_ batch: KeyValueBatch) throws -> KeyValueBatchResult {
        let plan = try keyValues.plan(batch.writes, tenant: batch.tenant, recipe: batch.recipe, now: clock.now())
        switch plan {
        case .conflict(let key): return .conflict(key: key)
        case .writes(let planned):
            try keyValues.write(planned, tenant: batch.tenant, recipe: batch.recipe)
            return .written(versions: planned.map(\.version))
        }
    }
}
