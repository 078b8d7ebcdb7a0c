package import GrapnelCore

/// The limits of a queue.
package struct QueueLimits: Sendable, Hashable {
    /// Writes that may wait for the writer; one more is refused with `QueueError.Code.full`. Default 4,096.
    package var waitingWrites: Int
    /// Bytes that may wait for the writer. Default 64 MiB.
    package var waitingBytes: ByteCount
    /// Writes in one commit. Default 512.
    package var commitWrites: Int
    /// Bytes in one commit. Default 8 MiB.
    package var commitBytes: ByteCount
    /// Rejected requests that are kept; the oldest go first. Default 1,000.
    package var rejectedRequests: Int
    /// How much of a rejected request's body is kept. Default 16 KiB.
    package var rejectedBody: ByteCount
    /// The largest that a database file may become; a write that needs more is refused with
    /// `QueueError.Code.storage`. Default `nil`: as large as the disk lets it.
    package var databaseSize: ByteCount?
    /// How large the log becomes before it is moved into the database. A larger one is moved seldom and takes longer to
    /// read at a start after a crash. Default 16 MiB.
    package var logSize: ByteCount
    /// How much of the log is kept for a `grapnel backup --follow` that does not fetch it; beyond that it has to begin
    /// with a new copy. Default 1 GiB.
    package var spoolSize: ByteCount

    package init(
        waitingWrites: Int = 4096, waitingBytes: ByteCount = .mebibytes(64), commitWrites: Int = 512,
        commitBytes: ByteCount = .mebibytes(8), rejectedRequests: Int = 1000,
        rejectedBody: ByteCount = .kibibytes(16), databaseSize: ByteCount? = nil,
        logSize: ByteCount = .mebibytes(16), spoolSize: ByteCount = .gibibytes(1)
    ) {
        self.waitingWrites = waitingWrites
        self.waitingBytes = waitingBytes
        self.commitWrites = commitWrites
        self.commitBytes = commitBytes
        self.rejectedRequests = rejectedRequests
        self.rejectedBody = rejectedBody
        self.databaseSize = databaseSize
        self.logSize = logSize
        self.spoolSize = spoolSize
    }
}
