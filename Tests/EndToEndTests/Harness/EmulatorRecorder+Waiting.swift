import GrapnelEmulator

extension EmulatorRecorder {
    /// Returns when that many more requests have come.
    func wait(more count: Int) async {
        let target = totals.received + count
        while totals.received < target { await wait(after: totals.received, atMost: .seconds(30)) }
    }
}
