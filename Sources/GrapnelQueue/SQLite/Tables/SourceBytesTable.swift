/// How many bytes of requests each source keeps: bodies and headers.
struct SourceBytesTable {
    private let addition: Statement
    private let selection: Statement

    init(_ connection: OpaquePointer) throws {
        addition = try Statement(
            "INSERT INTO source_bytes (source, bytes) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET bytes = bytes + ?2",
            on: connection)
        selection = try Statement("SELECT bytes FROM source_bytes WHERE source = ?", on: connection)
    }

    func add(_ bytes: Int, to source: String) throws {
        if bytes != 0 { try addition.add(source).add(bytes).run() }
    }

    /// What a source keeps, but for what the open transaction changes.
    func bytes(of source: String) throws -> Int { try selection.add(source).first { $0.count() } ?? 0 }
}
