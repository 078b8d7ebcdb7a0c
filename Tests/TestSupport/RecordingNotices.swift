package import GrapnelCore
import Synchronization

/// Keeps the notices that are posted.
package final class RecordingNotices: NoticePosting {
    private let state = Mutex<[Notice]>([])

    package init() {}

    /// Every notice, in order.
    package var posted: [Notice] { state.withLock { $0 } }

    package func post(_ notice: Notice) async { state.withLock { $0.append(notice) } }
}
