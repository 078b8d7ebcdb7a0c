import ArgumentParser

/// The command line of a hub.
@main
struct Grapnel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grapnel",
        abstract: "A self-hosted bridge from webhooks to small functions.",
        version: Hub.version,
        subcommands: [UpCommand.self, EmulateCommand.self, TriggerCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "setup",
                subcommands: [
                    CheckCommand.self, TestCommand.self, TypesCommand.self, SecretCommand.self, ConfigCommand.self,
                    DoctorCommand.self,
                ]),
            CommandGroup(
                name: "overview",
                subcommands: [
                    StatusCommand.self, SourcesCommand.self, RecipesCommand.self, ConnectionsCommand.self,
                    SchedulesCommand.self, FailuresCommand.self,
                ]),
            CommandGroup(
                name: "event",
                subcommands: [RequestsCommand.self, EventsCommand.self, RunsCommand.self, EffectsCommand.self]),
            CommandGroup(
                name: "control",
                subcommands: [
                    PauseCommand.self, ResumeCommand.self, ReloadCommand.self, ScheduleCommand.self,
                    ReplayCommand.self, ResolveCommand.self, CancelCommand.self,
                ]),
            CommandGroup(
                name: "storage",
                subcommands: [
                    BackupCommand.self, RestoreCommand.self, VacuumCommand.self, EraseCommand.self, AuditCommand.self,
                ]),
        ])
}
