import ArgumentParser
import GrapnelCore

/// `grapnel effects`: what recipes did to the outside world.
struct EffectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "effects", abstract: "Show what recipes sent, and settle what nobody knows.",
        subcommands: [List.self, Show.self, Resolve.self, Resend.self, Cancel.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List calls and outputs, newest first.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup var filter: EffectFilterOptions
        @Flag(name: .long, help: "Only what waits for a person to decide.")
        var waiting = false

        func run() throws {
            let parameters = filter.parameters + [("waiting", waiting ? "1" : nil)]
            let document = try ListPages(client: hub.client, name: "effects", parameters: parameters).read(page)
            if output.printed(document) { return }
            var table = Table(["EFFECT", "CREATED", "RECIPE", "STEP", "STATE", "SENDS", "WHY"])
            for effect in document["effects"]?.array ?? [] {
                table.add([
                    effect.text("id"), effect.text("created_at"), effect.text("recipe"), effect.text("step"),
                    Style.state(effect.text("state")), effect.text("sends"), Story.why(effect),
                ])
            }
            table.print(empty: parameters.contains { $0.1 != nil } ? "No effect fits." : "No effect yet.")
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

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Flag var choice: EffectChoice
        @Option(name: .long, help: "With --confirm: the operation's output, as JSON.")
        var recorded: String?
        @Argument(help: "The id, eff_….")
        var id: String

        func run() throws {
            try Resolving.resolve([id], choice, recorded: recorded, hub, output)
        }
    }

    struct Resend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send outputs that are dead, parked or cancelled again, with the keys that they have.",
            discussion: "By a filter: grapnel resolve --resend.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Ids, eff_….")
        var ids: [String]

        func run() throws { try Resolving.resolve(ids, .resend, recorded: nil, hub, output) }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End deliveries that wait, are parked, or are under way.",
            discussion: "By a filter: grapnel cancel --connection.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Ids, eff_….")
        var ids: [String]

        func run() throws { try Cancelling.cancel(ids, hub, output) }
    }
}

extension EffectState: ExpressibleByArgument {}
