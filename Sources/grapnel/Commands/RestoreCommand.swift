import ArgumentParser
import Glibc
import GrapnelCore
import GrapnelQueue

/// `grapnel restore`: put a backup in place of a hub's state.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of a hub's state.",
        discussion: """
            The hub must not run. What it may have sent after the backup is unknown from then on, and handled by the \
            class of each operation.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "Keep a state that is there aside, under another name.")
    var force = false
    @Flag(name: .long, help: "Go on without the key that the backup was made with.")
    var withoutKey = false
    @Option(help: "Of a folder of --follow: the hub as it was at this moment, such as 2026-01-05T09:00:00Z.")
    var at: String?
    @Argument(help: "The backup: a file, or the folder of --follow.")
    var backup: String

    func run() async throws {
        umask(0o077)
        let (paths, environment) = (hub.paths, HubOptions.environment)
        let restoration = Restoration(
            paths: paths, database: paths.database(environment: environment), environment: environment,
            clock: SystemClock())
        let limit = at.flatMap { Timestamp(rfc3339: $0) }
        guard at == nil || limit != nil else {
            throw ValidationError("--at takes a time such as 2026-01-05T09:00:00Z.")
        }
        let report = try await restoration.restore(backup, isForced: force, withoutKey: withoutKey, upTo: limit)
        let (manifest, restored) = (report.manifest, report.restored)
        if output.printed([
            "state": .string(paths.state), "backup_created_at": .string(manifest.createdAt.description),
            "last_event": manifest.database.lastEvent.map { .string($0) } ?? .null,
            "restore_epoch": .integer(restored.epoch),
            "unknown_effects": .integer(Int64(restored.unknownEffects)),
            "uncertain_origins": .integer(Int64(restored.uncertainOrigins)),
            "notes": .array(report.notes.map { .string($0) }),
            "kept_aside": .array(report.keptAside.map { .string($0) }),
        ]) {
            return
        }
        Terminal.print("\(paths.state) holds the hub as it was at \(manifest.createdAt).")
        Terminal.print(
            "  lost        every event that was acknowledged later; the last one that is here is "
                + "\(manifest.database.lastEvent ?? "none") \(manifest.database.lastEventAt ?? "")")
        Terminal.print(
            "  unknown     \(restored.unknownEffects) effects that may have been sent since, and whatever "
                + "\(restored.uncertainOrigins) runs that were under way send next: what a vendor recognises, or may "
                + "have twice, is sent again by itself, the rest waits in grapnel effects list --delivery parked")
        for note in report.notes { Terminal.print("  left out    \(note)") }
        for path in report.keptAside { Terminal.print("  kept aside  \(path)") }
        Terminal.print("Start it with: grapnel up --dir \(paths.directory)")
    }
}
