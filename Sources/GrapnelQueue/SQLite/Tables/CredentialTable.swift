/// With which credentials each connection was last known to work, as a digest.
struct CredentialTable {
    private let insertion: Statement

    init(_ connection: OpaquePointer) throws {
        insertion = try Statement(
            "INSERT OR REPLACE INTO credential (connection, fingerprint) VALUES (?, ?)", on: connection)
    }

    func keep(_ connection: String, fingerprint: [UInt8]) throws {
        try insertion.add(connection).add(fingerprint).run()
    }
}
