import GRDBSQLite

/// How many frames the log has, as SQLite tells it after each commit, on the thread that commits.
final class LogLength {
    private struct Count {
        var frames: Int32 = 0
        var unmoved: Int32 = 0
    }

    private let connection: OpaquePointer
    private let count = UnsafeMutablePointer<Count>.allocate(capacity: 1)

    /// Takes the place of the automatic checkpoint, which would come before the answers and hide its failure.
    init(_ connection: OpaquePointer) {
        self.connection = connection
        count.initialize(to: Count())
        sqlite3_wal_hook(
            connection,
            { context, _, _, frames in
                context?.assumingMemoryBound(to: Count.self).pointee = Count(frames: frames, unmoved: frames)
                return SQLITE_OK
            }, count)
    }

    deinit {
        sqlite3_wal_hook(connection, nil, nil)
        count.deallocate()
    }

    /// After the last commit that changed anything.
    var frames: Int { Int(count.pointee.frames) }

    /// The same, or 0 when a checkpoint was made since.
    var unmoved: Int32 { count.pointee.unmoved }

    /// Notes a checkpoint.
    func move() { count.pointee.unmoved = 0 }
}
