import ArgumentParser

/// How a command does something to many at once.
struct BulkOptions: ParsableArguments {
    @Flag(name: .long, help: "Do it without asking.")
    var yes = false
    @Flag(name: .long, help: "Only show what would be done.")
    var dryRun = false
    @Option(name: .long, help: "Only what is younger than this id: where one that was stopped goes on.")
    var after: String?

    func validate() throws {
        if yes && dryRun { throw ValidationError("--yes does it, --dry-run does not: give one of them.") }
    }
}
