/// Whole commits of one log: the last version of every page that they changed.
package struct LogStretch {
    /// Where a page's last version is.
    private struct Place {
        let file: LogFile
        let offset: Int
    }

    /// Frames after which a stretch ends at the next commit, so that none becomes too large.
    package static let mostFrames = 16_384
    /// Bytes that are read at a time.
    private static let piece = 1 << 20

    package let from: LogPosition
    package let to: LogPosition
    /// Pages that the database has after its last commit.
    package let databasePages: Int
    /// Whether it has everything that was committed before it was read: not when it ends with a log that is over, nor when
    /// there was too much for one.
    package let isComplete: Bool
    private let places: [UInt32: Place]
    /// The log itself, when the pages are still in it and it may begin anew while they are read.
    private let live: LogFile?

    /// Pages that it changes.
    package var pages: Int { places.count }
    package var pageSize: Int { to.log.pageSize }

    /// Reads what comes after `position`, up to the last commit or a bit more than `mostFrames`; `nil` when there is no
    /// commit.
    ///
    /// - Parameters:
    ///   - from: Where the reader was, if that is in an earlier log.
    ///   - live: The log itself; frames that do not match end it. Without it every frame must match, and a commit end it.
    init?(
        after position: LogPosition, from: LogPosition, in runs: [FrameRun], live: LogFile?, mostFrames: Int
    ) throws {
        let log = position.log
        let frameSize = log.frameSize
        var (checksum, frame) = (position.checksum, position.frame)
        var (committed, pending): ([UInt32: Place], [UInt32: Place]) = ([:], [:])
        var last: (position: LogPosition, pages: Int)?
        var isFull = false
        reading: for run in runs {
            var index = frame + 1 - run.firstFrame
            while run.count.map({ index < $0 }) ?? true {
                let wanted = min(max(LogStretch.piece / frameSize, 1), run.count.map { $0 - index } ?? .max)
                let start = run.offset + index * frameSize
                let bytes = try run.file.read(at: start, count: wanted * frameSize)
                let whole = bytes.count / frameSize
                for number in 0..<whole {
                    let isValid = bytes[number * frameSize..<(number + 1) * frameSize].withUnsafeBytes { frame in
                        LogStretch.isNext(frame, of: log, &checksum)
                    }
                    guard isValid else {
                        if live != nil { break reading }
                        throw LogBreak("the spool of the hub is damaged at frame \(frame + 1)")
                    }
                    frame += 1
                    let header = number * frameSize
                    pending[LogHeader.word(bytes, at: header)] = Place(
                        file: run.file, offset: start + header + LogHeader.frameHeaderSize)
                    let pages = LogHeader.word(bytes, at: header + 4)
                    guard pages != 0 else { continue }
                    committed.merge(pending) { $1 }
                    pending = [:]
                    last = (LogPosition(log: log, frame: frame, checksum: checksum), Int(pages))
                    isFull = frame - position.frame >= mostFrames
                    if isFull { break reading }
                }
                index += whole
                guard whole == wanted else {
                    if live != nil { break reading }
                    throw LogBreak("the spool of the hub ends early, at frame \(frame)")
                }
            }
        }
        guard pending.isEmpty || live != nil || last.map({ $0.position.frame == frame }) ?? false else {
            throw LogBreak("the spool of the hub ends within a commit, at frame \(frame)")
        }
        guard let last else { return nil }
        self.from = from
        self.live = live
        to = last.position
        databasePages = last.pages
        isComplete = live != nil && !isFull
        places = committed
    }

    /// Whether the frame comes next in the log; the checksum is the log's up to it then.
    private static func isNext(
        _ frame: UnsafeRawBufferPointer, of log: LogHeader, _ checksum: inout LogChecksum
    ) -> Bool {
        guard frame[8..<16].elementsEqual(log.salts) else { return false }
        var sum = checksum
        sum.add(UnsafeRawBufferPointer(rebasing: frame[..<8]), isBigEndian: log.isBigEndian)
        sum.add(
            UnsafeRawBufferPointer(rebasing: frame[LogHeader.frameHeaderSize...]), isBigEndian: log.isBigEndian)
        func word(_ place: Int) -> UInt32 {
            UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        }
        guard sum == LogChecksum(first: word(16), second: word(20)) else { return false }
        checksum = sum
        return true
    }

    /// Gives every page that changed with its number, in their order.
    ///
    /// - Returns: `false` when the log began anew meanwhile: then what was given is of no use, and the stretch is read
    ///   again.
    package func eachPage(_ body: (_ number: UInt32, _ bytes: [UInt8]) throws -> Void) throws -> Bool {
        for (number, place) in places.sorted(by: { $0.key < $1.key }) {
            let bytes = try place.file.read(at: place.offset, count: pageSize)
            guard bytes.count == pageSize else {
                if live != nil { return false }
                throw LogBreak("the spool of the hub was cut off while it was read")
            }
            try body(number, bytes)
        }
        // The header changes before any frame does.
        return try live.map { try $0.header() == to.log } ?? true
    }
}
