import GrapnelCrypto
import Testing

@Suite struct SealerTests {
    private let key = [UInt8](repeating: 7, count: Sealer.keyCount)
    private let context = Array("secret/SLACK".utf8)

    @Test(arguments: [0, 1, 15, 16, 17, 1000])
    func `what was sealed opens again`(count: Int) throws {
        let plain = SecureRandom.bytes(count)
        let sealer = try Sealer(key: key)
        let sealed = try sealer.seal(plain, authenticating: context)
        #expect(sealed.count == count + Sealer.overhead)
        #expect(try sealer.open(sealed, authenticating: context) == plain)
        #expect(try sealer.open(try sealer.seal(plain, authenticating: []), authenticating: []) == plain)
    }

    @Test func `no changed byte and no other place or key opens it`() throws {
        let sealer = try Sealer(key: key)
        let sealed = try sealer.seal(Array("hunter2".utf8), authenticating: context)
        for index in sealed.indices {
            var other = sealed
            other[index] ^= 0x80
            #expect(throws: index == 0 ? SealError.notSealed : .notAuthentic) {
                try sealer.open(other, authenticating: context)
            }
        }
        #expect(throws: SealError.notAuthentic) { try sealer.open(sealed, authenticating: Array("secret/OTHER".utf8)) }
        #expect(throws: SealError.notAuthentic) {
            try Sealer(key: [UInt8](repeating: 8, count: 32)).open(sealed, authenticating: context)
        }
        for count in 0..<Sealer.overhead {
            #expect(throws: SealError.notSealed) {
                try sealer.open(Array(sealed.prefix(count)), authenticating: context)
            }
        }
    }

    @Test func `the same bytes are never sealed to the same text`() throws {
        let sealer = try Sealer(key: key)
        let texts = try (0..<100).map { _ in try sealer.seal([1, 2, 3], authenticating: context) }
        #expect(Set(texts).count == 100)
    }

    /// NIST's AES-GCM test case 15 without associated data, in the sealed form: the cipher is the standard one.
    @Test func `a text of the standard's own test opens`() throws {
        let key = try #require(Hex.decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let plain = try #require(
            Hex.decode(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                    + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"))
        let sealed = try #require(
            Hex.decode(
                "01" + "cafebabefacedbaddecaf888"
                    + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                    + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
                    + "b094dac5d93471bdec1a502270e3cc6c"))
        #expect(try Sealer(key: key).open(sealed, authenticating: []) == plain)
    }

    @Test func `a key of another length is refused by name`() {
        #expect(throws: SealError.wrongKeySize(31)) { try Sealer(key: [UInt8](repeating: 0, count: 31)) }
    }
}
