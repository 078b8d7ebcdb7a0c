import GrapnelCrypto
import Testing

@Suite struct SignatureVerificationTests {
    /// RFC 8032 §7.1, tests 1 to 3: private key, public key, message, signature.
    static let ed25519 = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test(arguments: ed25519)
    func `ed25519 keys and signatures are those of RFC 8032`(
        seed: String, publicKey: String, message: String, signature: String
    ) throws {
        let seed = try #require(Hex.decode(seed))
        let message = try #require(Hex.decode(message))
        let expected = try #require(Hex.decode(signature))
        #expect(Ed25519.publicKey(seed: seed).map(Hex.encode) == publicKey)
        #expect(Ed25519.sign(message, seed: seed) == expected)
        let key = try #require(Hex.decode(publicKey).flatMap(PublicKey.ed25519))
        #expect(SignatureVerification.isValid(expected, of: message, by: key, algorithm: .ed25519))
        for index in expected.indices {
            var other = expected
            other[index] ^= 1
            #expect(!SignatureVerification.isValid(other, of: message, by: key, algorithm: .ed25519))
        }
        #expect(!SignatureVerification.isValid(expected, of: message + [0], by: key, algorithm: .ed25519))
        #expect(!SignatureVerification.isValid([], of: message, by: key, algorithm: .ed25519))
    }

    /// The vector in the tests of SendGrid's own library; the body ends in CRLF.
    @Test func `an ecdsa signature of SendGrid verifies and a changed one does not`() throws {
        let key = try publicKey(
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaIN"
                + "XvVpiglSI8eNEc6wEA3F+g==")
        let body =
            #"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#
            + #""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#
            + #""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#
            + #""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"# + "\r\n"
        let signature = try #require(
            Base64.decode(
                "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="))
        let message = Array("1600112502\(body)".utf8)
        #expect(SignatureVerification.isValid(signature, of: message, by: key, algorithm: .ecdsaP256))
        #expect(!SignatureVerification.isValid(signature, of: message, by: key, algorithm: .rsaSHA256))
        #expect(
            !SignatureVerification.isValid(signature, of: Array(message.dropLast()), by: key, algorithm: .ecdsaP256))
        for index in signature.indices {
            var other = signature
            other[index] ^= 1
            #expect(!SignatureVerification.isValid(other, of: message, by: key, algorithm: .ecdsaP256))
        }
    }

    /// Made with `openssl dgst -sign` for this test.
    @Test func `rsa signatures verify with the hash they were made with`() throws {
        let key = try publicKey(
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0g9kbB46bxhumAANwbIfmxC7mCFT2KC+fpbtSKD53mj0fKCA"
                + "lDV8QKw73z90Ni3/VDPnmfyExW3+VL6Ab4y3jNDyIO8VBVMYnZ5j+dep8VFKUkYbfsPgRadbLWwfjmqcHfcZvfVCmmZ/"
                + "CAH5raSQ994t+WG/bnkJ/YNcmUhsx1PL69aQTavNiREpPYcgzPXrKtOylFkoV4aKsehE1tsA5lU4/Z7CaGEhJgPrDE4Z"
                + "i46crlsY65a/YEwMeodH9cs2RdNaadHt3jF6KktB5z9sqO9Lkv/RPUXbAKAQkYwsqp6Qx167q8BAXALVb4s6iZE2vlvI"
                + "8+xvXHgDaOVqha/4rwIDAQAB")
        let sha256 = try #require(
            Base64.decode(
                "zjxSXwur9fn3Bqp37atfDmZ+bzhC9XmM7Inop3j+T/0JV5wa5c8TDzHcuYkCwHwlqvgAVgeIaJ07k0b+rjQi50YtUrcr"
                    + "m0YfdVDjZAo0+pUiavEsY16aIQrx3uIRuKGpELxLsclT0O2rLVU8c5foVHGft7zwiPthxryiLJh1Nk2xxUNH2NiaLk0o"
                    + "d8sY8+A0JEyjZLFNvZ14DL9NWj7DE4jz8NYiYhLuw1MVD6kLXx+8zlGGsloUEnebcPUuIVD1nVfOHhaCmrH3udvS0VIA"
                    + "Wco2CS3YmQhSTmItszNpJcfERpeH13IgYamdE8I7WUkFRzcLecgV4AxF2jcAGJiXEA=="))
        let sha1 = try #require(
            Base64.decode(
                "GNCs/O6eRBdF2hW2jPso0WdAA+y+cuwMU+Shh6VoBZGjctDtp4lrCsqMl3U05XlcEw+5sR5GHcUKBeKFbKontiWcoUCt"
                    + "megxu9JeEJFc0EVo8pfAP8zrFxE/WfbecboafoqAp1IDFvisB5TVVwYK6UdiN56qKT2upmROoU0z2qWkyO2kDTCFhLEg"
                    + "/QE1ZSVWI+LrsaESOAqLiU5jqG3ueHxZY8HXEbOqHEsHRqny/MNV6v8Klc1AFMhS/MsKcpKPNGF4fgdvwe1zI2k31vtq"
                    + "hpoJY1ERaWcE4+715gUq40QnQVKZQ197vc6avNs/cMzi+20iJg+VnF4iftXJInYFfw=="))
        let message = Array("signed by a vendor".utf8)
        #expect(SignatureVerification.isValid(sha256, of: message, by: key, algorithm: .rsaSHA256))
        #expect(SignatureVerification.isValid(sha1, of: message, by: key, algorithm: .rsaSHA1))
        #expect(!SignatureVerification.isValid(sha1, of: message, by: key, algorithm: .rsaSHA256))
        #expect(!SignatureVerification.isValid(sha256, of: message + [0], by: key, algorithm: .rsaSHA256))
        #expect(!SignatureVerification.isValid(sha256, of: message, by: key, algorithm: .ed25519))
    }

    @Test func `a key of another curve is not usable`() throws {
        let key = try publicKey(
            "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE716fmZQ/kIVlz0aklx3sZJJOgdquNCTHet3ByJkHp1oDzNSoHR6lP7g4oJf2"
                + "ZKEjXG8UbO++Hklbqa3+QNsXQ3DYIlxWcduXl8HDQgLlwmd+/AYtpY7KFiwMy9044spO")
        #expect(!SignatureVerification.isUsable(key, for: .ecdsaP256))
    }

    @Test func `bytes that are no key are refused`() throws {
        #expect(PublicKey.ed25519([1, 2, 3]) == nil)
        #expect(PublicKey.subjectPublicKeyInfo([]) == nil)
        #expect(PublicKey.subjectPublicKeyInfo(Array("-----BEGIN PUBLIC KEY-----".utf8)) == nil)
        #expect(Ed25519.sign([], seed: [1]) == nil)
        #expect(Ed25519.publicKey(seed: []) == nil)
    }

    private func publicKey(_ base64: String) throws -> PublicKey {
        try #require(Base64.decode(base64).flatMap(PublicKey.subjectPublicKeyInfo))
    }
}
