import GrapnelQueue

/// What every engine behind `QueueWriter` and `QueueReader` must do.
enum QueueConformance {
    static let cases: [ConformanceCase] =
        accepting + deduplication + claiming + runEnds + outputs + calls + rescuing + replaying + resolving + stores
        + cancelling + bulk + lists + searching + pruning + retention + restoring + erasing + commits + causes + pausing
        + lookingUp + scheduling + clocks + parking
        + lines + outputLines + rates + turns + gathering + waiting
}
