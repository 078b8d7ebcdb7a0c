import Glibc
import GrapnelCore
import GrapnelQueue

extension Follower {
    /// Adds what was committed since, and what changed beside the database.
    ///
    /// - Returns: `false` when the log began anew and the hub has not said yet how it goes on.
    @discardableResult
    func catchUp() throws -> Bool {
        while let place = position {
            let at = clock.now()
            switch try log.advance(from: place) {
            case .stretch(let stretch):
                unlinkedSince = nil
                let header = FollowPiece.Header(
                    from: place, to: stretch.to, at: at, isComplete: stretch.isComplete, pageSize: stretch.pageSize,
                    pages: stretch.pages, databasePages: stretch.databasePages, listing: try changedListing())
                guard try add(header, stretch) else { continue }
                try log.discard(before: stretch.to)
            case .nothing:
                unlinkedSince = nil
                try finish(at)
                return true
            case .unlinked:
                if let since = unlinkedSince, clock.now() - since > settings.patience {
                    throw LogBreak("the log began anew, and nobody says that nothing is missing")
                }
                unlinkedSince = unlinkedSince ?? clock.now()
                return false
            }
        }
        let at = clock.now()
        guard try log.beginning() == nil, next != nil || current?.facts?.stamp == Follower.stamp(database) else {
            throw LogBreak("the database has changed since it was copied at rest")
        }
        try finish(at)
        return true
    }

    /// Adds what was committed since, all of it: waits for the hub to say how its log goes on, which it does at once or never.
    func catchUpWhole() throws {
        let began = ContinuousClock.now
        while try !catchUp() {
            if isStopped() { throw Stopped() }
            guard began.duration(to: .now) < settings.patience else {
                throw LogBreak("the log began anew, and nobody says that nothing is missing")
            }
            usleep(10_000)
        }
    }

    /// Adds a piece to the copies that get it; `false` when the log began anew meanwhile.
    private func add(_ header: FollowPiece.Header, _ stretch: LogStretch?) throws -> Bool {
        guard let first = current ?? next else { return false }
        guard let piece = try first.add(header, stretch) else { return false }
        position = header.to
        if current != nil { try next?.add(piece, header) }
        // The first copy of all is worth nothing before it is whole.
        guard current != nil else { return true }
        report.piece(first, pages: header.pages, completeTo: header.isComplete ? header.at : nil)
        return true
    }

    /// Everything that was committed before `at` is there.
    private func finish(_ at: Timestamp) throws {
        if let listing = try changedListing() {
            _ = try add(FollowPiece.Header(from: position, to: position, at: at, listing: listing), nil)
        }
        guard let current, isOver(settings.sayEvery, since: saidAt) else { return }
        try folder.say(FollowFolder.Saying(copy: current.name, piece: current.lastNumber, at: at))
        saidAt = at
        report.complete(current, at)
    }
}
