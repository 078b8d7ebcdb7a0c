import GrapnelCore
import Logging

/// The isolates' thread: the only one that touches the zygote, the children and what waits for them. It polls, moves
/// bytes, keeps deadlines, and hands what isolates ask for to the jobs' hosts.
final class IsolateLoop {
    /// How often the deadlines and the memory of busy isolates are looked at. Runs that are over sooner are never.
    static let check: Duration = .milliseconds(4)
    /// How often when one of them has used a quarter of its memory: it may fill the rest in a few milliseconds.
    static let closeCheck: Duration = .milliseconds(1)
    /// How often idle isolates are looked at: their age and their memory.
    static let housekeeping: Duration = .seconds(1)
    /// How long a failed start of a zygote is waited out.
    static let restartDelay: Duration = .milliseconds(500)
    /// How long a child that was taken is not replaced: a fork beside its first run would slow that down, for both use
    /// the zygote's memory. With less than half of the children waiting it is not put off.
    static let refillDelay: Duration = .milliseconds(3)
    /// The most children that are asked for at once.
    static let forks = 16

    let configuration: IsolatePoolConfiguration
    let clock: any HubClock
    let logger: Logger
    let inbox: IsolateInbox
    let onReport: @Sendable (SandboxReport) -> Void

    /// Every zygote that runs, by its number: the one that forks, one that is to follow it, and those that only have
    /// children left.
    var zygotes: [UInt32: ZygoteProcess] = [:]
    /// The one that forks.
    var zygote: ZygoteProcess?
    /// The one that is getting warm to take its place.
    var successor: ZygoteProcess?
    var nextZygote: UInt32 = 0
    var restartAt: Duration = .zero
    let poller = IsolatePoller()
    var roster = IsolateRoster()
    var queue = IsolateQueue()
    var tasks: [UInt64: IsolateChild] = [:]
    var retired: Set<RecipeVersion> = []
    var isStopping = false
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var nextCheck: Duration = .zero
    var nextHousekeeping: Duration = .zero
    var refillAt: Duration = .zero

    init(
        configuration: IsolatePoolConfiguration, clock: any HubClock, logger: Logger, inbox: IsolateInbox,
        onReport: @escaping @Sendable (SandboxReport) -> Void
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.inbox = inbox
        self.onReport = onReport
        poller.watch(inbox.descriptor, as: .inbox)
    }

    /// Serves until it is stopped; then everything is killed.
    func run() {
        while !isStopping {
            keepZygote()
            assign()
            refill()
            poll()
            look()
        }
        for zygote in Array(zygotes.values) { lose(zygote, AttemptFailure(.handedBack, "the hub is stopping")) }
        for case .execute(let task) in inbox.close() { queue.append(task) }
        for task in queue.removeAll() { fail(task, AttemptFailure(.handedBack, "the hub is stopping")) }
    }
}
