/// A handler that is a program of its own: `handler:` with an executable or a command, and `sandbox:`.
package struct ProcessHandler: Sendable, Hashable {
    /// How long the program lives.
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        /// It is kept for many runs, and speaks JSON lines (`docs/process-handlers.md`).
        case warm
        /// It is started for one run, reads the event as JSON, and answers by its exit status and its output.
        case once
    }

    /// What is around the program.
    package enum Sandbox: String, Sendable, Hashable, CaseIterable {
        case bubblewrap
        /// Nothing: an operator's own script, with the hub's rights.
        case none
    }

    /// The program and its arguments. The program is a file of the recipe's folder (`./sync.py`), an absolute path, or
    /// a name that is looked up; only arguments of a `once` program have placeholders.
    package var command: [Template]
    package var mode: Mode
    package var sandbox: Sandbox

    package init(command: [Template], mode: Mode, sandbox: Sandbox = .bubblewrap) {
        self.command = command
        self.mode = mode
        self.sandbox = sandbox
    }

    /// The program, as it was written.
    package var program: String { command.first?.source ?? "" }
}
