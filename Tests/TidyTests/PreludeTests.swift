import Subprocess
import TestSupport
import Testing

/// The prelude is committed as it is bundled, so that a build needs no bundler.
@Suite struct PreludeTests {
    @Test func `the committed prelude is what its sources make`() async throws {
        let directory = try TemporaryDirectory("grapnel-prelude")
        let file = directory.file("prelude.js")
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["\(Checkout.root)/Sources/CPrelude/bundle.sh", file], output: .discarded,
            error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        // Paths of the checkout are from its top folder; this one is from the root.
        let fresh = Checkout.text(String(repeating: "../", count: 64) + file.dropFirst())
        #expect(fresh == Checkout.text("Sources/CPrelude/prelude.js"), "bundle it anew: make prelude")
    }
}
