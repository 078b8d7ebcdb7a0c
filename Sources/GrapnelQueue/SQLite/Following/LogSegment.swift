/// A file of the spool: which log it is of, the number of its first frame, how long the log before it was, and frames as
/// they were in the log.
struct LogSegment {
    /// The header of the log, and the two numbers.
    static let headerSize = LogHeader.size + 16
    private static let prefix = "log-"

    let path: String
    let number: Int
    let log: LogHeader
    let firstFrame: Int
    /// The frames of the log that was there before this one, where this one begins; else 0. The spool is never synced: after
    /// a power cut this tells whether all of the log before is there.
    let framesBefore: Int
    /// Whole frames that it holds.
    let frames: Int
    /// Whether it ends within a frame: whoever wrote it ended there.
    let isCutOff: Bool
    let bytes: Int

    /// The number of its last frame.
    var lastFrame: Int { firstFrame + frames - 1 }

    /// - Returns: `nil` when the file is not there any more, or is not a segment.
    init?(_ path: String, number: Int) throws(QueueError) {
        guard let file = try LogFile(path) else { return nil }
        let header = try file.read(at: 0, count: LogSegment.headerSize)
        guard header.count == LogSegment.headerSize, let log = LogHeader(Array(header[..<LogHeader.size])) else {
            return nil
        }
        func word(at place: Int) -> Int? {
            Int(exactly: header[place..<place + 8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
        }
        guard let firstFrame = word(at: LogHeader.size), firstFrame > 0,
            let framesBefore = word(at: LogHeader.size + 8)
        else { return nil }
        self.path = path
        self.number = number
        self.log = log
        self.firstFrame = firstFrame
        self.framesBefore = framesBefore
        bytes = try file.size()
        (frames, isCutOff) = {
            let (frames, rest) = ($0 / log.frameSize, $0 % log.frameSize)
            return (frames, rest != 0)
        }(bytes - LogSegment.headerSize)
    }

    /// What stands before the first frame.
    static func header(_ log: LogHeader, firstFrame: Int, framesBefore: Int) -> [UInt8] {
        log.bytes
            + [firstFrame, framesBefore].flatMap { number in
                (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            }
    }

    static func path(_ number: Int, in folder: String) -> String {
        let digits = String(number)
        return "\(folder)/\(prefix)" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// The files of a spool, in their order, with their numbers; none when there is no such folder.
    static func paths(in folder: String) throws(QueueError) -> [(path: String, number: Int)] {
        try SyncedFile.names(in: folder).filter { $0.hasPrefix(prefix) }.map { "\(folder)/\($0)" }.compactMap { path in
            guard let digits = path.split(separator: "/").last?.dropFirst(prefix.count), let number = Int(digits) else {
                return nil
            }
            return (path, number)
        }
    }
}
