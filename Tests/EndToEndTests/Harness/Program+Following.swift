import GrapnelCore
import Subprocess

extension Program {
    /// A running `grapnel backup --follow`.
    struct Following: Sendable {
        fileprivate let send: @Sendable (Signal) throws -> Void

        func kill() throws { try send(.kill) }
        func terminate() throws { try send(.terminate) }
    }

    /// Follows the hub into `folder` until it ends; `body` must see to that.
    ///
    /// - Parameter variables: What its environment has besides the directory's.
    /// - Returns: The code that it ended with; `nil` when a signal ended it.
    @discardableResult
    func follow(
        into folder: String, _ watch: FollowWatch, options: [String] = ["--every", "200ms"],
        variables: [String: String] = [:],
        _ body: @Sendable @escaping (Following) async throws -> Void
    ) async throws -> Int32? {
        let command = ["backup", "--follow", folder, "--json"] + options
        let environment = directory.environment.merging(variables) { _, new in new }
        let result = try await Subprocess.run(
            .name("env"), arguments: Program.arguments(command, environment), input: .none,
            output: .sequence, error: .combinedWithOutput
        ) { execution in
            let following = Following { try execution.send(signal: $0) }
            async let end: Void = {
                for try await line in execution.standardOutput.strings() { watch.take(line) }
            }()
            do {
                try await body(following)
            } catch {
                try? execution.send(signal: .kill)
                throw error
            }
            try await end
        }
        guard case .exited(let code) = result.terminationStatus else { return nil }
        return code
    }
}
