import ArgumentParser
import GrapnelCore
import GrapnelQueue

/// `grapnel backup`: copy a hub, running or not, into one file.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a hub, running or not, into one file, or follow it into a folder.",
        discussion: """
            The copy holds the database, the sealed secrets and the recipes' bundles. It does not hold the key that \
            seals the secrets, nor the hub directory: keep those apart from it.
            """,
        subcommands: [Make.self, Verify.self], defaultSubcommand: Make.self)

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a backup.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Flag(help: "Keep a folder a copy of the hub that lags by a second or two, until it is ended.")
        var follow = false
        @Option(help: "With --follow: how often the folder is brought up to date.")
        var every: String = FollowSettings().every.text
        @Option(help: "With --follow: how old the last whole copy becomes before another one is made.")
        var newCopyEvery: String = FollowSettings().newCopyEvery.text
        @Argument(
            help: """
                The file to write, or the folder with --follow. Default: grapnel-<time>.tar, or grapnel-follow, in the \
                working directory.
                """)
        var file: String?

        func run() throws {
            if follow { return try BackupCommand.follow(self) }
            let (paths, environment) = (hub.paths, HubOptions.environment)
            guard hub.url == nil else {
                throw ValidationError("A backup is made on the machine of the hub: leave --url out.")
            }
            let store = SecretStore(paths: paths, environment: environment)
            let backup = Backup(
                paths: paths, database: paths.database(environment: environment), store: store, clock: SystemClock())
            let target = file ?? "grapnel-\(SystemClock().now().compact).tar"
            let (line, began) = (ProgressLine(), ContinuousClock.now)
            let manifest = try backup.make(at: target) { done, total in
                line.show(ProgressLine.bar(done: done, of: total, in: began.duration(to: .now)) + " of pages")
            }
            line.clear()
            let size = try LocalFile(reading: target).status().size
            var document = manifest.document.object ?? JSONObject()
            document["file"] = .string(target)
            document["bytes"] = .integer(Int64(size))
            if output.printed(.object(document)) { return }
            Terminal.print("\(target): \(ByteCount.bytes(size).rounded)")
            BackupCommand.describe(manifest)
            Terminal.print(
                "Without the key in \(try store.keyLocation()) its secrets cannot be opened: keep a copy of it elsewhere."
            )
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that a backup can be restored: every checksum, and the database as a whole.")

        @OptionGroup var output: OutputOptions
        @Argument(help: "The backup: a file, or the folder of --follow.")
        var file: String

        func run() throws {
            let scratch = try ScratchFolder(environment: HubOptions.environment)
            let (manifest, notes) = try Restoration.unpack(file, into: scratch.path)
            var document = manifest.document.object ?? JSONObject()
            document["notes"] = .array(notes.map { .string($0) })
            guard !output.printed(.object(document)) else { return try Verify.end(notes) }
            let mark = notes.isEmpty ? Style.green("ok") : Style.yellow("in part")
            Terminal.print("\(mark)  \(file) is sound\(notes.isEmpty ? "" : " up to \(manifest.createdAt)")")
            BackupCommand.describe(manifest)
            for note in notes { Terminal.print("  left out    \(note)") }
            try Verify.end(notes)
        }

        /// What a script is told of a folder that is not all that it was.
        private static func end(_ notes: [String]) throws {
            if !notes.isEmpty { throw ExitCode.failure }
        }
    }

    /// What a backup holds, for a person.
    static func describe(_ manifest: BackupManifest) {
        let database = manifest.database
        Terminal.print("  made        \(manifest.createdAt) by Grapnel \(manifest.version)")
        Terminal.print("  holds       \(database.events) events, \(database.runs) runs, \(database.effects) effects")
        Terminal.print("  last event  \(database.lastEvent ?? "none") \(database.lastEventAt ?? "")")
        Terminal.print("  schema      \(database.schema.last ?? "none")")
    }
}
