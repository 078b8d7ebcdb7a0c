package import GrapnelCore
package import GrapnelQueue

/// The store of one recipe in the queue.
package struct QueueKeyValues: KeyValueStoring {
    private let reader: any QueueReader
    private let writer: any QueueWriter
    private let tenant: TenantID
    private let recipe: String

    package init(reader: any QueueReader, writer: any QueueWriter, tenant: TenantID, recipe: String) {
        self.reader = reader
        self.writer = writer
        self.tenant = tenant
        self.recipe = recipe
    }

    package func entry(_ key: String) async throws -> KeyValueEntry? {
        try await reader.keyValue(tenant: tenant, recipe: recipe, key: key)
    }

    package func entries(prefix: String, limit: Int) async throws -> [KeyValueEntry] {
        try await reader.keyValues(tenant: tenant, recipe: recipe, prefix: prefix, limit: limit)
    }

    package func write(_ write: KeyValueWrite) async throws -> KeyValueBatchResult {
        try await writer.writeKeyValues(KeyValueBatch(tenant: tenant, recipe: recipe, writes: [write]))
    }
}
