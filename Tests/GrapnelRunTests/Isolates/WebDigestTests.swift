import GrapnelCore
import Testing

/// `crypto.subtle.digest`, against published vectors.
@Suite struct WebDigestTests {
    /// FIPS 180-2, appendices A to D, and its example of the empty message.
    @Test(arguments: [
        ("SHA-1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("SHA-256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha-256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            "SHA-384", "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "SHA-512", "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func `a digest is that of the standard`(name: String, message: String, digest: String) async throws {
        try await IsolateBench.with { bench async throws in
            let value = try await bench.value(
                """
                const digest = await crypto.subtle.digest('\(name)', new TextEncoder().encode('\(message)'))
                return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
                """)
            #expect(value?.string == digest)
        }
    }

    @Test func `a hash that is not there is refused by name`() async throws {
        try await IsolateBench.with { bench async throws in
            #expect(
                try await bench.value(
                    "return await crypto.subtle.digest('MD5', new Uint8Array()).catch((error) => error.name)")
                    == "NotSupportedError")
        }
    }
}
