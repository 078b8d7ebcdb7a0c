import ArgumentParser

/// The command line of a hub.
@main
struct Grapnel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grapnel",
        abstract: "A self-hosted bridge from webhooks to small functions.",
        version: Hub.version,
        subcommands: [
            UpCommand.self, EmulateCommand.self, TriggerCommand.self, CheckCommand.self, TestCommand.self,
            TypesCommand.self,
            SecretCommand.self, ConfigCommand.self, DoctorCommand.self, StatusCommand.self,
            SourcesCommand.self, RecipesCommand.self, ReloadCommand.self,
            RequestsCommand.self, EventsCommand.self, RunsCommand.self, EffectsCommand.self,
            FailuresCommand.self, ReplayCommand.self, ResolveCommand.self, CancelCommand.self,
            BackupCommand.self, RestoreCommand.self, VacuumCommand.self,
        ])
}
