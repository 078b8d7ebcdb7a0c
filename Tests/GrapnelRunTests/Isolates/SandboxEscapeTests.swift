import CSandbox
import Glibc
import Subprocess
import TestSupport
import Testing

/// What native code would try that has taken over an isolate: a probe is loaded in place of the engine, into the very
/// sandbox. Each attempt is made again with a layer taken away, to see that another one holds.
@Suite(.serialized) struct SandboxEscapeTests {
    /// The sandbox, whole or without a layer.
    struct Variant: Sendable, CustomTestStringConvertible {
        let name: String
        let without: [grapnel_layer]

        var mask: UInt32 { without.reduce(0) { $0 | 1 << $1.rawValue } }
        var testDescription: String { name }

        static let all = [
            Variant(name: "whole", without: []),
            Variant(name: "no seccomp", without: [GRAPNEL_LAYER_SECCOMP]),
            Variant(
                name: "no namespaces",
                without: [
                    GRAPNEL_LAYER_USER_NAMESPACE, GRAPNEL_LAYER_PROCESS_NAMESPACE, GRAPNEL_LAYER_MOUNT_NAMESPACE,
                    GRAPNEL_LAYER_NETWORK_NAMESPACE, GRAPNEL_LAYER_IPC_NAMESPACE,
                ]),
            Variant(name: "no Landlock", without: [GRAPNEL_LAYER_LANDLOCK]),
            Variant(
                name: "privileges", without: [GRAPNEL_LAYER_CAPABILITIES, GRAPNEL_LAYER_NO_NEW_PRIVILEGES]),
            Variant(
                name: "no limits",
                without: [GRAPNEL_LAYER_RESOURCE_LIMITS, GRAPNEL_LAYER_MEMORY_LIMIT, GRAPNEL_LAYER_UNDUMPABLE]),
        ]
    }

    /// What came of an attempt: `refused`, `killed` or `escaped`, and how.
    private struct Outcome {
        let attempt: String
        let verdict: String
        let how: String
    }

    /// Without another layer's rule for code from memory the filter's stands alone.
    private static let held = ["19 map a page of code", "19 make a page code"]

    @Test(arguments: ["as this user", "as an ordinary user"])
    func `nothing gets out, whichever layer is missing`(user: String) async throws {
        let isOrdinary = user == "as an ordinary user"
        // Who is ordinary already has been tested by the first case.
        guard !isOrdinary || getuid() == 0 else { return }
        let target = try SandboxTarget()
        var table: [String: [String: Outcome]] = [:]
        var order: [String] = []
        for allowsJIT in [true, false] {
            for variant in Variant.all {
                let outcomes = try await attempt(target, allowsJIT: allowsJIT, variant, isOrdinary: isOrdinary)
                #expect(outcomes.count > 40, "\(variant.name)")
                for outcome in outcomes {
                    if table[outcome.attempt] == nil { order.append(outcome.attempt) }
                    table[outcome.attempt, default: [:]][variant.name] = outcome
                    let isKnown = variant.name == "no seccomp" && Self.held.contains(outcome.attempt) && !Self.hasDenial
                    #expect(outcome.verdict != "escaped" || isKnown, "\(outcome) \(variant.name) JIT \(allowsJIT)")
                }
            }
        }
        Self.show(table, order: order, user: user)
    }

    /// Whether the kernel has `PR_SET_MDWE` (Linux 6.3).
    private static var hasDenial: Bool {
        var names = utsname()
        guard uname(&names) == 0 else { return false }
        let release = withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split(separator: ".").prefix(2).compactMap { Int($0) }
        return numbers.count == 2 && (numbers[0] > 6 || numbers[0] == 6 && numbers[1] >= 3)
    }

    private func attempt(
        _ target: SandboxTarget, allowsJIT: Bool, _ variant: Variant, isOrdinary: Bool
    ) async throws -> [Outcome] {
        let probe = [
            target.probe, allowsJIT ? "1" : "0", "\(variant.mask)", target.file,
            "\(target.port)", target.abstractSocket, "\(target.segmentKey)",
        ]
        let program = isOrdinary ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"]
        let command = program + probe
        let result = try await Subprocess.run(
            .name(command[0]), arguments: Arguments(Array(command.dropFirst())), output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        #expect(!result.standardError.contains("escaped-to-standard-error"))
        return result.standardOutput.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Outcome(
                attempt: parts[0], verdict: parts.count > 1 ? parts[1] : "escaped",
                how: parts.count > 2 ? parts[2] : "no word")
        }
    }

    /// Prints attempt × layer.
    private static func show(_ table: [String: [String: Outcome]], order: [String], user: String) {
        func cell(_ text: String, _ width: Int) -> String {
            text.count >= width
                ? String(text.prefix(width - 1)) + " " : text + String(repeating: " ", count: width - text.count)
        }
        var text = "\nAttempts to leave an isolate \(user), and what stopped them\n"
        text += cell("attempt", 34) + Variant.all.map { cell($0.name, 20) }.joined() + "\n"
        for attempt in order {
            text += cell(attempt, 34)
            for variant in Variant.all { text += cell(table[attempt]?[variant.name]?.how ?? "", 20) }
            text += "\n"
        }
        print(text)
    }
}
