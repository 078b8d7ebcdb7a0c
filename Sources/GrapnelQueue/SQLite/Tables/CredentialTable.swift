/// With which credentials each connection was last known to work, as a digest.
struct CredentialTable {
    private let insertion: Statement
    private let selection: Statement

    init(_ connection: OpaquePointer) throws {
        insertion = try Statement(
            "INSERT OR REPLACE INTO credential (connection, fingerprint, woken) VALUES (?, ?, ?)", on: connection)
        selection = try Statement("SELECT fingerprint FROM credential WHERE connection = ?", on: connection)
    }

    /// - Parameter woken: Whether all is awake that waited for these.
    func keep(_ connection: String, fingerprint: [UInt8], woken: Bool) throws {
        try insertion.add(connection).add(fingerprint).add(woken).run()
    }

    /// Whether a connection has other credentials now than those that somebody was refused with.
    func differ(_ refused: [UInt8]?, of connection: String) throws -> Bool {
        guard let refused, let now = try selection.add(connection).first({ $0.bytes() }) else { return false }
        return now != refused
    }
}
