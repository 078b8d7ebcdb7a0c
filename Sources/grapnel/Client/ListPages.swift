import GrapnelCore

/// Reads a list page by page: the hub looks at a bounded number of rows for each, so a page may be short although more
/// follows.
struct ListPages {
    let client: ManagementClient
    /// Such as `events`: the path below `/v1/`, and what the answer calls its rows.
    let name: String
    let parameters: [(String, String?)]

    /// The rows that fit, until there are `limit` of them or the list has ended.
    ///
    /// - Returns: A document as the hub gives one: the rows, how many were looked at, and where the list goes on.
    func read(_ page: PageOptions) throws -> JSON {
        let progress = ProgressLine()
        defer { progress.clear() }
        var page = page
        var rows: [JSON] = []
        var scanned: Int64 = 0
        let wanted = page.limit
        while true {
            page.limit = wanted - rows.count
            let document = try client.get("/v1/\(name)\(page.query(parameters))")
            rows += document[name]?.array ?? []
            scanned += document["scanned"]?.integer ?? 0
            page.before = document["next"]?.string
            guard page.before != nil, rows.count < wanted else { break }
            progress.show("looked at \(scanned.grouped), found \(rows.count)")
        }
        var found = JSONObject([(name, .array(rows)), ("scanned", .integer(scanned))])
        found["next"] = page.before.map { .string($0) }
        return .object(found)
    }
}
