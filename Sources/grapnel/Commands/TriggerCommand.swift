import ArgumentParser
import GrapnelCore
import GrapnelEmulator
import GrapnelFormat

/// `grapnel trigger`: post a signed sample as the vendor would.
struct TriggerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Sign a sample and post it to a source, as the vendor would.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The source.")
    var source: String
    @Argument(help: "The type of the event: the name of a sample of the source's provider.")
    var type: String
    @Option(name: .long, help: "Change a value of the sample, such as body.issue.title=Down!; may be repeated.")
    var set: [String] = []
    @Option(name: .long, help: "The delivery id; a new one by default.")
    var id: String?
    @Option(name: .long, help: "Where the hub listens, host:port; default: listen: of grapnel.yaml.")
    var to: String?

    func run() throws {
        let environment = HubOptions.environment
        let files = try HubFiles(hub.paths, environment: environment)
        guard let entry = files.configuration.sources.first(where: { $0.name == source }) else {
            let names = files.configuration.sources.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no source \(source); there are: \(names).")
        }
        let provider = try ProviderDefinition.provider(of: entry, among: files.providers)
        let secrets = try HubSecrets(
            store: SecretStore(paths: files.paths, environment: environment), environment: environment,
            variables: files.variables)
        let secret = entry.secrets.lazy.compactMap { secrets.secret(named: $0) }.first
        let samples = files.paths.connectorFiles
        let names = samples.sampleNames(of: provider.id)
        guard
            let file = names.first(where: { $0.hasPrefix("\(type).") && !$0.dropFirst(type.count + 1).contains(".") }),
            let bytes = samples.sample(file, of: provider.id), let sample = Sample(fileName: file, body: bytes)
        else {
            let types = Set(names.map { $0.split(separator: ".").dropLast().joined(separator: ".") }).sorted()
            throw ValidationError(
                "\(provider.id) has no sample \(type); "
                    + (types.isEmpty
                        ? "it has none: post one with curl." : "there are: \(types.joined(separator: ", "))."))
        }
        let address = to ?? files.configuration.listen.description
        let base = entry.publicURL ?? files.configuration.publicURL ?? "http://\(address)"
        let signer = SampleSigner(
            provider: provider, schemes: entry.schemes.isEmpty ? nil : entry.schemes,
            secret: entry.insecure ? nil : secret.map { String(decoding: $0, as: UTF8.self) })
        let request = try signer.request(
            for: sample, url: "\(base)/hooks/\(source)", changes: try set.map { try SampleChange(argument: $0) },
            id: id,
            now: SystemClock().now(), random: SystemRandomSource())
        let answer: LocalHTTP.Answer
        do {
            answer = try LocalHTTP.send(
                // A proxy in front of the hub takes the path of its public URL away.
                request.method, url: "http://\(address)/hooks/\(source)\(request.target.drop { $0 != "?" })",
                headers: request.headers.fields.map { "\($0.name): \($0.value)" }, body: request.body)
        } catch {
            throw ValidationError("Nothing answers at \(address) (\(error)). Start the hub with: grapnel up")
        }
        let body = String(decoding: answer.body, as: UTF8.self)
        let document: JSON = ["status": .integer(Int64(answer.status)), "body": .string(body)]
        if !output.printed(document) { Terminal.print("\(answer.status)  \(body)") }
        if !(200..<300).contains(answer.status) { throw ExitCode.failure }
    }
}
