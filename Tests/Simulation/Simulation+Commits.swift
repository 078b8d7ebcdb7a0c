import GRDB
import GRDBSQLite
import GrapnelCore
import GrapnelQueue

extension Simulation {
    func planCommit() {
        guard let hub, !hub.stepped.isIdle, !hasCommitPlanned else { return }
        hasCommitPlanned = true
        let isSlow = !isCalm && chaos.chance(plan.slowCommits)
        let time = isSlow ? chaos.within(1000...45_000) : chaos.within(0...20)
        if isSlow { trouble(for: time) }
        thread.after(time, .hub) { [self] in
            hasCommitPlanned = false
            commit(hub)
        }
    }

    private func commit(_ hub: SimulatedHub) {
        let fault = isCalm ? 1 : chaos.unit()
        if fault < plan.storageFaults {
            trouble()
            retriesUntil = thread.now + 30 * SimulationPlan.second
        }
        if fault < plan.storageFaults / 2 {
            note("commit refused")
            hub.stepped.refuse(QueueError(.storage, "the disk is at fault"))
        } else if fault < plan.storageFaults {
            note("commit on a full disk")
            limitPages(isFull: true)
            hub.stepped.commit()
            limitPages(isFull: false)
        } else if !isCalm, chaos.chance(plan.commitCrashes) {
            crashesInCommit = chaos.chance(0.6)
            note(crashesInCommit ? "crash in a commit" : "crash after a commit")
            hub.stepped.commit()
            crashesInCommit = false
            observer.committed()
            return crash()
        } else {
            hub.stepped.commit()
        }
        observer.committed()
    }

    private func limitPages(isFull: Bool) {
        let pages = (try? database.unsafeRead { try Int.fetchOne($0, sql: "PRAGMA page_count") }) ?? 0
        let most = isFull ? max(pages, 1) : 1_073_741_823
        sqlite3_exec(connection, "PRAGMA max_page_count = \(most)", nil, nil, nil)
    }

    /// Called in the middle of a commit; whether it must come to nothing, because the process is dying.
    func isCrashing() -> Bool {
        guard crashesInCommit else { return false }
        // Who was answered already has heard it.
        _ = thread.runReady(limit: 1000)
        return true
    }
}
