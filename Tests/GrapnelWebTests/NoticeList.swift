import GrapnelCore
import Synchronization

/// What was posted.
final class NoticeList: Sendable {
    private let list = Mutex<[Notice]>([])

    func add(_ notice: Notice) { list.withLock { $0.append(notice) } }

    var all: [Notice] { list.withLock { $0 } }
}
