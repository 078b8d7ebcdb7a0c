import ArgumentParser
import Glibc
import GrapnelCore
import GrapnelQueue

/// `grapnel vacuum`: give what the database does not use back to the disk.
struct VacuumCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum", abstract: "Write the database anew, without what it does not use; the hub must not run.",
        discussion: """
            A running hub gives space back by itself, step by step. A database that an early version made cannot do \
            that until it was written anew once.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "Only tell how much room it takes.")
    var dryRun = false

    func run() throws {
        let database = hub.paths.database(environment: HubOptions.environment)
        guard FileSystem.exists(database) else { throw BackupError("there is no database at \(database)") }
        let needed = try DatabaseCompaction.needed(database)
        if dryRun {
            if output.printed(["needed_bytes": .integer(Int64(needed.bytes))]) { return }
            Terminal.print("\(needed.rounded) beside \(database), and about a second for each 100 MiB")
            return
        }
        if !output.json { Terminal.print("Writing about \(needed.rounded) beside \(database) …") }
        let (before, after) = try DatabaseCompaction.run(database, holder: "grapnel vacuum, process \(getpid())")
        if output.printed([
            "before_bytes": .integer(Int64(before.bytes)), "after_bytes": .integer(Int64(after.bytes)),
        ]) {
            return
        }
        Terminal.print("\(database): \(before.rounded) before, \(after.rounded) now")
    }
}
