import GrapnelCore

// What is remembered of each thing.
extension Observer {
    /// A moment by both clocks.
    struct Moment {
        var wall: Int64 = 0
        var monotonic: Int64 = 0
        /// By how much the wall clock had been put forward when it was noted.
        var setForward: Int64 = 0
    }

    /// What is known of a run.
    struct KnownRun {
        var tenant: String
        var origin: String
        var recipe: String
        var event: String
        var fence: Int64
        var state: Int64?
        /// The line that it stands in.
        var line: Line?
        /// Whom it may gather with, or whose tokens it takes.
        var place: Place?
        /// How many runs were made before it.
        var ordinal = 0
        /// When it was made.
        var made = Moment()
        /// When it is due.
        var due: Int64?
        /// The run that took its place.
        var heir: String?
        /// Whether it was parked, or hurried on by a person.
        var wasDisturbed = false
        /// Before when its recipe does not let it start, by the wall clock.
        var notBefore: Int64 = 0
        /// Whether there was another run of its event and recipe before it.
        var isRepeated = false
        /// By how much the wall clock had been put back when it was made.
        var setBack: Int64 = 0
        /// The number of the execution whose failure it has kept.
        var failed: Int?
        /// How often it was parked and went on: each time is worth another try.
        var wakes: Int64 = 0
    }

    /// What is known of an event.
    struct KnownEvent {
        var tenant: String
        var source: String
        /// The number of its delivery.
        var number: Int64?
        var receivedAt: Int64
        /// Whether its runs are made by a person who releases it.
        var isInConflict: Bool
        /// The run that emitted it, and how many led to it.
        var cause: String?
        var depth: Int64 = 0
        /// For how long its runs wait.
        var delay: Int64 = 0
    }

    /// One execution of a handler.
    struct Execution {
        var run: String
        /// The fence that the run had when it began.
        var fence: Int64
        var outputs = 0
        /// The steps of what it emitted.
        var emissions: [String] = []
        var failure: AttemptFailure?
        /// When it ended, by the wall clock.
        var endedAt: Int64 = 0
    }

    /// What is known of an effect.
    struct KnownEffect {
        var place: EffectPlace
        var isOutput: Bool
        var operation: String
        /// How the last try of it ended, by the wall clock.
        var answeredAt: Int64?
        var retryAfter: Int64?
        var wasRefused = false
        /// The token that the vendor would not take.
        var refusedToken: Int?
        /// How often it was parked and went on: each time is worth another try.
        var wakes: Int64 = 0
        /// Whether nobody knew what came of the last try.
        var isUnknown = false
        /// The line that it stands in.
        var line: OutputLine?
        /// When it is meant to be sent.
        var planned = Moment()
    }

    /// The (origin, step) that an effect is one of.
    struct EffectPlace: Hashable {
        var origin: String
        var step: String
    }

    /// What the vendors know of an effect.
    struct Sent {
        var keys: Set<String> = []
        var numbers: Set<String> = []
        var performed = 0
        var applied = 0
        var wasConfirmed = false
        /// How often a person said that it may be sent again.
        var resends = 0
        /// Whether the last sending may have arrived.
        var mayHaveArrived = false
        /// Whether one before it may have.
        var mayHaveArrivedBefore = false
        var wasRefused = false
        /// The token that it was refused for.
        var refusedToken: Int?
        /// How often the wall clock had been moved when it was sent first.
        var clockJumps = 0
    }

    /// A request that is on its way.
    struct Sending {
        var number: Int
        var host: String
        var operation: String
        var step: String
        var origin: String
        var effect: String
        var fence: Int64
        var sends: Int64
        var vendorKey: String
        /// The number of the token that it carries.
        var token: Int?

        var place: EffectPlace { EffectPlace(origin: origin, step: step) }
    }
}
