import GrapnelQueue

/// What every engine behind `QueueWriter` and `QueueReader` must do.
enum QueueConformance {
    static let cases: [ConformanceCase] =
        accepting + deduplication + claiming + runEnds + outputs + calls + rescuing + replaying + resolving + stores
        + cancelling + bulk + lists + searching + pruning + retention + restoring + commits + causes + pausing
        + lookingUp + lines + rates + turns + gathering
}
