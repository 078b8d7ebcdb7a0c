import GRDB
import GRDBSQLite
import GrapnelCore
import GrapnelQueue

extension Simulation {
    func boot() throws {
        isBootPlanned = false
        vendor.restart()
        let hub = try SimulatedHub(self, random: hubRandom)
        self.hub = hub
        epoch = hub.queue.bootEpoch
        leaseOffset = clock.now() - Timestamp(milliseconds: clock.monotonic().milliseconds)
        boots += 1
        connection = database.unsafeRead { $0.sqliteConnection }
        sqlite3_commit_hook(
            connection,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Simulation>.fromOpaque(context).takeUnretainedValue().isCrashing() ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        note("boot \(epoch)")
        trouble()
        hub.start()
    }

    func crash() {
        guard let hub else { return }
        note("crash")
        trouble()
        remains.append(hub)
        self.hub = nil
        hasCommitPlanned = false
        thread.dropHub()
        planBoot(after: chaos.within(100...10 * SimulationPlan.minute))
    }

    private func planBoot(after time: Int64) {
        isBootPlanned = true
        thread.after(time, .world) { [self] in
            do { try boot() } catch { observer.fail(.storedBecomesTerminal, "the hub does not start: \(error)") }
        }
    }

    /// Ends the hub in order, and starts it again when `isFollowed`.
    func shutDown(_ hub: SimulatedHub, isFollowed: Bool) {
        note("shut down")
        trouble()
        hub.shutDown()
        func look() {
            guard self.hub === hub else { return }
            guard hub.hasEnded, hub.stepped.isIdle else {
                thread.after(SimulationPlan.second, .world) { look() }
                return
            }
            note("ended")
            remains.append(hub)
            self.hub = nil
            hasCommitPlanned = false
            thread.dropHub()
            if isFollowed { planBoot(after: chaos.within(100...SimulationPlan.minute)) }
        }
        thread.after(SimulationPlan.second, .world) { look() }
    }
}
