import GrapnelCore
import Synchronization

/// Keeps what was posted.
final class PostedNotices: NoticePosting {
    private let notices = Mutex<[Notice]>([])

    func post(_ notice: Notice) async { notices.withLock { $0.append(notice) } }

    var all: [Notice] { notices.withLock { $0 } }
}
