import Subprocess
import TestSupport
import Testing

/// Many small hubs, each on one simulated thread with its own faults: no invariant may break.
@Suite(.serialized) struct SimulationTests {
    private static let program = "\(Checkout.root)/.build/debug/grapnel-simulate"

    /// What the program prints, and whether it was content.
    private func simulate(_ arguments: String...) async throws -> (text: String, isGood: Bool) {
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments([SimulationTests.program] + arguments), output: .string(limit: 16 << 20),
            error: .combinedWithOutput)
        guard case .exited(0) = result.terminationStatus else { return (result.standardOutput, false) }
        return (result.standardOutput, true)
    }

    @Test func `every invariant holds for two thousand seeds`() async throws {
        let (text, isGood) = try await simulate("--seeds", "2000")
        #expect(isGood, "\(text.suffix(6000))")
    }

    @Test(arguments: ["7", "23", "56"]) func `a seed repeats exactly`(_ seed: String) async throws {
        let first = try await simulate("--seed", seed)
        let second = try await simulate("--seed", seed)
        #expect(first.isGood && first.text.contains("hash"))
        #expect(first.text == second.text)
        let other = try await simulate("--seed", seed + "1")
        #expect(first.text != other.text)
    }

    /// Small ones; `make storms` lets a hundred thousand come.
    @Test func `a vendor that comes back is not hammered, and nobody waits behind another's flood`() async throws {
        let (text, isGood) = try await simulate("storms", "--crowd", "1500", "--minutes", "4", "--flood", "1500")
        #expect(isGood, "\(text)")
    }

    /// Seeds that found something once: what was wrong stays mended.
    @Test(arguments: ["56", "177", "292", "482", "530", "551", "643"]) func `what was found stays mended`(
        _ seed: String
    ) async throws {
        let (text, isGood) = try await simulate("--seed", seed)
        #expect(isGood, "\(text.suffix(3000))")
    }
}
