import GrapnelCore

/// What happens in a storm: a crowd of events for one recipe, and beside it another recipe that has a few all the time.
struct StormPlan {
    /// What the handler of the crowd does.
    enum Work {
        /// It leaves an output behind, for the vendor of the crowd.
        case sends
        /// It awaits the vendor of the crowd.
        case calls
        /// It thinks, and that is all.
        case thinks
    }

    /// How the vendor of the crowd refuses what is beyond its capacity.
    enum Refusal {
        /// 429 with a `Retry-After` of so many seconds, one of these.
        case tooMany(retryAfter: [Int64])
        /// 503, and no word of when.
        case unavailable
    }

    /// Events of the crowd.
    var crowd: Int
    /// Over how long they come, from the beginning on, in milliseconds.
    var arrival: Int64
    var work: Work
    /// How long the vendor of the crowd is down, from the beginning on.
    var outage: Int64 = 0
    var refusal = Refusal.unavailable
    /// What the vendor of the crowd takes within any second.
    var vendorCapacity = 50
    /// How long vendors take to answer.
    var vendorTime: ClosedRange<Int64> = 20...80
    /// How long a handler thinks.
    var handlerTime: ClosedRange<Int64> = 20...80
    /// The time between two events of the others.
    var trickle: Int64 = 100
    /// For how long they come: from a minute before the end of the outage on.
    var trickleTime: Int64 = 10 * SimulationPlan.minute
    /// Runs at a time.
    var isolates = 64
    /// How long a commit takes: that of a disk with syncs of 4 ms.
    var commitTime: Int64 = 4
    /// How long it may all take, from the end of the outage on.
    var patience: Int64
    var seed: UInt64 = 1
}
