import GrapnelCore
import Synchronization

/// Keeps every notice.
final class RecordingNotices: NoticePosting {
    private let state = Mutex<[Notice]>([])

    var posted: [Notice] { state.withLock { $0 } }

    func post(_ notice: Notice) async { state.withLock { $0.append(notice) } }
}
