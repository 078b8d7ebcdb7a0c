import GrapnelCrypto
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        (HashAlgorithm.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            .sha512, "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (.md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ])
    func `digests are those of FIPS 180 and RFC 1321`(algorithm: HashAlgorithm, text: String, expected: String) {
        #expect(Hex.encode(Digest.hash(text, algorithm)) == expected)
    }

    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There", HashAlgorithm.sha256,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?", .sha256,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First", .sha256,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?", .sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
        (Array("Jefe".utf8), "what do ya want for nothing?", .sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        ([], "", .sha256, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `keyed hashes are those of RFC 4231 and RFC 2202`(
        key: [UInt8], message: String, algorithm: HashAlgorithm, expected: String
    ) {
        #expect(Hex.encode(HMACSignature.sign(Array(message.utf8), key: key, algorithm: algorithm)) == expected)
    }

    @Test func `an empty key is not the key that was used before it`() {
        let message = Array("message".utf8)
        let before = HMACSignature.sign(message, key: Array("key".utf8), algorithm: .sha256)
        #expect(HMACSignature.sign(message, key: [], algorithm: .sha256) != before)
    }

    @Test func `the check of 123456789 is cbf43926`() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
    }

    @Test func `comparison sees every byte and the length`() {
        let bytes = SecureRandom.bytes(48)
        #expect(ConstantTime.isEqual(bytes, bytes))
        #expect(ConstantTime.isEqualByDigest(bytes, bytes))
        #expect(ConstantTime.isEqual([], []))
        #expect(!ConstantTime.isEqual(bytes, Array(bytes.dropLast())))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(!ConstantTime.isEqual(bytes, other))
            #expect(!ConstantTime.isEqualByDigest(bytes, other))
        }
    }
}
