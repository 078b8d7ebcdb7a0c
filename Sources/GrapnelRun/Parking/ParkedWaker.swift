import GrapnelCore
import GrapnelFormat
package import GrapnelQueue
package import Logging

/// Makes parked work ready when what it waited for is there, in bounded steps.
package struct ParkedWaker: Sendable {
    private let queue: any QueueReader & QueueWriter
    private let quarantines: QuarantineList
    private let logger: Logger

    package init(queue: any QueueReader & QueueWriter, quarantines: QuarantineList, logger: Logger) {
        self.queue = queue
        self.quarantines = quarantines
        self.logger = logger
    }

    /// Wakes what waited for what is there now.
    ///
    /// - Parameters:
    ///   - deployment: The recipes, and which connections each uses.
    ///   - fingerprints: A digest of each connection's settings and credentials as they are now.
    package func wake(for deployment: Deployment, connections fingerprints: [String: [UInt8]]) async throws {
        // Connections first: until their digests are kept, what the new credentials are refused for is tried at once.
        try await wake(connections: fingerprints, deployment: deployment)
        try await wake(recipesOf: deployment)
    }

    /// Wakes the runs whose recipe is back, and those that waited for another version than one in quarantine.
    private func wake(recipesOf deployment: Deployment) async throws {
        for recipe in deployment.recipes.values.sorted(by: { $0.name < $1.name }) {
            try await wake(.runs(ofRecipe: recipe.name), parkedAs: .recipeGone)
            if quarantines.find(recipe.name, recipe.version) == nil {
                try await wake(.runs(ofRecipe: recipe.name), parkedAs: .quarantined)
            }
        }
    }

    /// Wakes what connections refused whose credentials are others now than those it was refused with.
    ///
    /// Nothing that was sent with the old ones and is refused meanwhile is left behind. The new ones are kept first: an
    /// end that is committed later does not park what other ones were refused for, and what parked before is found
    /// below. Only then they count as woken, so that a hub that stops in between wakes the rest when it starts.
    private func wake(connections fingerprints: [String: [UInt8]], deployment: Deployment) async throws {
        let known = try await queue.credentialFingerprints()
        let new = fingerprints.filter { known[$0.key] != $0.value }
        if new.isEmpty { return }
        try await queue.keepCredentials(new, woken: false)
        let changed = new.keys.sorted()
        for connection in changed {
            try await wake(.outputs(toConnection: connection), parkedAs: .connectionUnauthorized)
        }
        for recipe in deployment.recipes.values.sorted(by: { $0.name < $1.name })
        where changed.contains(where: { recipe.manifest.uses[$0] != nil }) {
            try await wake(.runs(ofRecipe: recipe.name), parkedAs: .connectionUnauthorized)
        }
        try await queue.keepCredentials(new, woken: true)
    }

    /// Releases the versions of a recipe that are in quarantine, and wakes the runs that wait for it; how many
    /// versions there were.
    package func release(_ recipe: String) async throws -> Int {
        let count = try await queue.liftQuarantine(of: recipe, tenant: .default)
        quarantines.remove(recipe: recipe)
        try await wake(.runs(ofRecipe: recipe), parkedAs: .quarantined)
        return count
    }

    private func wake(_ work: ParkedWake.Work, parkedAs reason: ParkReason) async throws {
        var count = 0
        while true {
            let report = try await queue.wake(ParkedWake(work, parkedAs: reason))
            count += report.count
            guard report.hasMore, !Task.isCancelled else { break }
        }
        if count > 0 {
            logger.notice(
                "parked work goes on",
                metadata: ["count": "\(count)", "reason": "\(reason.rawValue)", "of": "\(work)"])
        }
    }
}
