import ArgumentParser
import Glibc
import GrapnelCore

/// `grapnel secret`: the sealed secrets of a hub.
struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Seal, list and remove secrets.",
        discussion: "A secret is named in grapnel.yaml under secrets: or credentials:. Its value is sealed with a key "
            + "that is kept outside of the state directory.",
        subcommands: [Set.self, List.self, Remove.self])

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal a secret. The value is read from standard input, never from the command line.")

        @OptionGroup var hub: HubOptions
        @Argument(help: "The name, such as GITHUB_WEBHOOK_SECRET.")
        var name: String

        func run() throws {
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.isNameByte($0) }) else {
                throw ValidationError("A name has letters, digits and _ only.")
            }
            let value = try Self.readValue(name)
            guard !value.isEmpty else { throw ValidationError("The value is empty; nothing was sealed.") }
            try SecretStore(paths: hub.paths, environment: HubOptions.environment).set(name, to: value)
            Terminal.print("Sealed \(name). A running hub takes it on by: grapnel reload")
        }

        private static func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }

        /// All of standard input but a line end at its end, for keys of many lines; when it is typed one line, not
        /// echoed.
        private static func readValue(_ name: String) throws -> [UInt8] {
            guard isatty(STDIN_FILENO) == 1 else {
                var value = try FileSystem.read("/dev/stdin")
                if value.last == UInt8(ascii: "\n") { value.removeLast() }
                if value.last == UInt8(ascii: "\r") { value.removeLast() }
                return value
            }
            var settings = termios()
            tcgetattr(STDIN_FILENO, &settings)
            var silent = settings
            silent.c_lflag &= ~UInt32(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
            defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
            Terminal.warn("Value of \(name) (not shown), then Enter:")
            return Array((readLine(strippingNewline: true) ?? "").utf8)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the names of the sealed secrets.")

        @OptionGroup var hub: HubOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let names = try SecretStore(paths: hub.paths, environment: HubOptions.environment).names()
            if output.printed(["secrets": .array(names.map { .string($0) })]) { return }
            if names.isEmpty { return Terminal.print("No secret is sealed. Seal one: grapnel secret set <NAME>") }
            for name in names { Terminal.print(name) }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a sealed secret.")

        @OptionGroup var hub: HubOptions
        @Argument(help: "The name.")
        var name: String

        func run() throws {
            guard try SecretStore(paths: hub.paths, environment: HubOptions.environment).remove(name) else {
                throw ValidationError("There is no sealed secret \(name). See: grapnel secret list")
            }
            Terminal.print("Removed \(name).")
        }
    }
}
