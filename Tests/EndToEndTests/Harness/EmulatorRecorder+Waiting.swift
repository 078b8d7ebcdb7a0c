import GrapnelEmulator

extension EmulatorRecorder {
    /// Returns when that many more requests have come.
    func wait(more count: Int) async {
        let target = totals.received + count
        while totals.received < target { await wait(after: totals.received, atMost: .seconds(30)) }
    }

    /// Returns after so long, whatever arrives meanwhile: for what must not happen in that time.
    func waitOut(_ duration: Duration) async {
        let began = ContinuousClock.now
        while case let left = duration - began.duration(to: .now), left > .zero {
            await wait(after: .max, atMost: left)
        }
    }
}
