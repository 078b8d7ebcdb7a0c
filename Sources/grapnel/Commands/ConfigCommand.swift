import ArgumentParser
import GrapnelCore
import GrapnelFormat

/// `grapnel config`: every setting with where it comes from.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show every setting with its value and where that comes from.",
        discussion: "Values of secrets are never shown, only whether there is one.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let environment = HubOptions.environment
        let files = try HubFiles(hub.paths, environment: environment)
        let secrets = try HubSecrets(
            store: SecretStore(paths: files.paths, environment: environment), environment: environment,
            variables: files.variables)
        let settings = EffectiveSettings(files: files, environment: environment, secrets: secrets).all
        let documents = settings.map { setting -> JSON in
            ["key": .string(setting.key), "value": .string(setting.value), "from": .string(setting.origin)]
        }
        if output.printed(["settings": .array(documents)]) { return }
        var table = Table(["SETTING", "VALUE", "FROM"])
        for setting in settings { table.add([setting.key, setting.value, setting.origin]) }
        table.print(empty: "")
    }
}
