import ArgumentParser
import GrapnelCore

/// `grapnel effects`: what recipes did to the outside world.
struct EffectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "effects", abstract: "Show what recipes sent, and settle what nobody knows.",
        subcommands: [List.self, Show.self, Resolve.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List calls and outputs, newest first.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @Option(name: .long, help: "Only of this connection.")
        var connection: String?
        @Option(name: .long, help: "Only in this state of the ledger; may be repeated.")
        var status: [EffectState] = []
        @Option(name: .long, help: "Only outputs whose delivery is in this state; may be repeated.")
        var delivery: [WorkState] = []

        func run() throws {
            let query = page.query([
                ("connection", connection),
                ("state", status.isEmpty ? nil : status.map(\.rawValue).joined(separator: ",")),
                ("delivery", delivery.isEmpty ? nil : delivery.map(\.rawValue).joined(separator: ",")),
            ])
            let document = try hub.client.get("/v1/effects\(query)")
            if output.printed(document) { return }
            var table = Table(["EFFECT", "CREATED", "RECIPE", "STEP", "STATE", "SENDS", "WHY"])
            for effect in document["effects"]?.array ?? [] {
                table.add([
                    effect.text("id"), effect.text("created_at"), effect.text("recipe"), effect.text("step"),
                    Style.state(effect.text("state")), effect.text("sends"), Story.why(effect),
                ])
            }
            table.print(empty: "No effect yet.")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one effect: input, answer, attempts.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The id, eff_….")
        var id: String

        func run() throws {
            let document = try hub.client.get("/v1/effects/\(id)")
            if output.printed(document) { return }
            Story.print(effect: document, indent: "")
            Terminal.print("  input   \(JSONWriter.text(document["input"] ?? .null))")
            if let answer = document["output"] { Terminal.print("  output  \(JSONWriter.text(answer))") }
        }
    }

    struct Resolve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what became of an effect that is parked because nobody knows; also re-arms a dead output.")

        enum Choice: String, EnumerableFlag {
            case confirm
            case resend
            case drop

            static func help(for value: Choice) -> ArgumentHelp? {
                switch value {
                case .confirm: "It happened: record it; nothing is sent."
                case .resend: "Send it again."
                case .drop: "Give it up: what waited for it is dead."
                }
            }
        }

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Flag var choice: Choice
        @Option(name: .long, help: "With --confirm: the operation's output, as JSON.")
        var recorded: String?
        @Argument(help: "The id, eff_….")
        var id: String

        func run() throws {
            var document: JSON = ["choice": .string(choice.rawValue)]
            if let recorded {
                guard let value = try? JSONParser.parse(recorded), case .object(var object) = document else {
                    throw ValidationError("--recorded is not JSON.")
                }
                object["output"] = value
                document = .object(object)
            }
            let effect = try hub.client.post("/v1/effects/\(id)/resolve", document)
            if output.printed(effect) { return }
            Story.print(effect: effect, indent: "")
        }
    }
}

extension EffectState: ExpressibleByArgument {}
