package import GrapnelCore

/// Writes of a recipe's store that take place together, outside the commit of a run.
package struct KeyValueBatch: Sendable {
    package var tenant: TenantID
    package var recipe: String
    package var writes: [KeyValueWrite]

    package init(tenant: TenantID, recipe: String, writes: [KeyValueWrite]) {
        self.tenant = tenant
        self.recipe = recipe
        self.writes = writes
    }
}
