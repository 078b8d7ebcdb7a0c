import GrapnelCore
import GrapnelRun
import Testing

/// `crypto.subtle` beyond digests, against published vectors and in round trips.
@Suite struct WebCryptoTests {
    private static let helpers = """
        const subtle = crypto.subtle
        const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
        const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
        const text = (value) => new TextEncoder().encode(value)
        const unbase64url = (value) => Uint8Array.from(
          atob(value.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
        const named = (promise) => promise.then(() => 'nothing', (error) => error.name)

        """

    private func value(_ handler: String) async throws -> JSON? {
        var value: JSON?
        try await IsolateBench.with { bench async throws in value = try await bench.value(Self.helpers + handler) }
        return value
    }

    private func returned(_ outcome: IsolateOutcome) throws -> String {
        guard case .returned(let value?) = outcome.result else { throw HostedError("\(outcome.result)") }
        return value.string ?? ""
    }

    /// RFC 4231 §4.3.
    @Test func `an HMAC is that of the standard`() async throws {
        let signature = try await value(
            """
            const key = await subtle.importKey('raw', text('Jefe'), { name: 'hmac', hash: 'sha-256' }, false, ['sign'])
            return hex(await subtle.sign('HMAC', key, text('what do ya want for nothing?')))
            """)
        #expect(signature == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    /// RFC 7515, appendices A.1, A.2 and A.3.
    @Test(arguments: [
        (
            #"{ kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow' }"#,
            "{ name: 'HMAC', hash: 'SHA-256' }", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ),
        (
            #"""
            { kty: 'RSA', e: 'AQAB', n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2m' +
              'JPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBY' +
              'UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaG' +
              'Nj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ' }
            """#,
            "{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }", "eyJhbGciOiJSUzI1NiJ9",
            """
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7\
            t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12\
            jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUP\
            QGe77Rw
            """
        ),
        (
            """
            { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
              y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' }
            """,
            "{ name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }", "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        ),
    ])
    func `a signature of the standard is verified`(key: String, algorithm: String, head: String, signature: String)
        async throws
    {
        let verified = try await value(
            """
            const key = await subtle.importKey('jwk', \(key), \(algorithm), true, ['verify'])
            const claims = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
            const verify = (signed) => subtle.verify(\(algorithm), key, unbase64url('\(signature)'), text(signed))
            return [await verify('\(head).' + claims), await verify('\(head).x' + claims)]
            """)
        #expect(verified == [true, false])
    }

    /// RFC 8032 §7.1, test 3.
    @Test func `an Ed25519 signature is that of the standard`() async throws {
        let result = try await value(
            """
            const seed = 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'
            const half = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'
            const info = unhex('302e020100300506032b657004220420' + seed)
            const key = await subtle.importKey('pkcs8', info, 'Ed25519', true, ['sign'])
            const other = await subtle.importKey('raw', unhex(half), 'Ed25519', true, ['verify'])
            const signature = await subtle.sign('Ed25519', key, unhex('af82'))
            return [hex(signature), await subtle.verify('Ed25519', other, signature, unhex('af82')),
              hex(unbase64url((await subtle.exportKey('jwk', key)).x))]
            """)
        #expect(
            result == [
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
                true, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            ])
    }

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 4.
    @Test func `AES-GCM seals as the standard does, and opens only what was sealed`() async throws {
        let result = try await value(
            """
            const bytes = unhex('feffe9928665731c6d6a8f9467308308')
            const key = await subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
            const way = { name: 'AES-GCM', iv: unhex('cafebabefacedbaddecaf888'),
              additionalData: unhex('feedfacedeadbeeffeedfacedeadbeefabaddad2') }
            const plain = 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525'
              + 'b16aedf5aa0de657ba637b39'
            const sealed = await subtle.encrypt(way, key, unhex(plain))
            const opened = await subtle.decrypt(way, key, sealed)
            const wrong = new Uint8Array(sealed.slice(0))
            wrong[3] ^= 1
            return [hex(sealed), hex(opened) === plain, await named(subtle.decrypt(way, key, wrong)),
              await named(subtle.decrypt({ ...way, additionalData: new Uint8Array() }, key, sealed)),
              await named(subtle.exportKey('raw', key))]
            """)
        #expect(
            result == [
                """
                42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97\
                3d58e091\
                5bc94fbc3221a5db94fae95ae7121a47
                """, true, "OperationError", "OperationError", "InvalidAccessError",
            ])
    }

    @Test(arguments: [
        ("{ name: 'Ed25519' }", "'Ed25519'", ["raw", "spki", "jwk"]),
        ("{ name: 'ECDSA', namedCurve: 'P-256' }", "{ name: 'ECDSA', hash: 'SHA-256' }", ["raw", "spki", "jwk"]),
        (
            "{ name: 'RSA-PSS', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }",
            "{ name: 'RSA-PSS', saltLength: 32 }", ["spki", "jwk"]
        ),
        (
            "{ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-512' }",
            "'RSASSA-PKCS1-v1_5'", ["spki", "jwk"]
        ),
    ])
    func `a key pair signs, and keeps doing so after it was written out and read`(
        generation: String, signing: String, formats: [String]
    ) async throws {
        let result = try await value(
            """
            const { privateKey, publicKey } = await subtle.generateKey(\(generation), true, ['sign', 'verify'])
            const moved = async (key, format, usage) => subtle.importKey(
              format, await subtle.exportKey(format, key), \(generation), true, [usage])
            const results = []
            for (const format of \(formats)) {
              for (const privateFormat of ['pkcs8', 'jwk']) {
                const signature = await subtle.sign(\(signing), await moved(privateKey, privateFormat, 'sign'), text('m'))
                const half = await moved(publicKey, format, 'verify')
                results.push(await subtle.verify(\(signing), half, signature, text('m')),
                  await subtle.verify(\(signing), half, signature, text('n')))
              }
            }
            return [results.join(), privateKey.type, publicKey.type, privateKey.usages.join(), publicKey.usages.join()]
            """)
        let pairs = Array(repeating: "true,false", count: formats.count * 2).joined(separator: ",")
        #expect(result == .array([.string(pairs), "private", "public", "sign", "verify"]))
    }

    @Test func `a key does only what it is for, and the errors have their names`() async throws {
        let names = try await value(
            """
            const algorithm = { name: 'HMAC', hash: 'SHA-256' }
            const key = await subtle.importKey('raw', text('k'), algorithm, false, ['verify'])
            return [
              await named(subtle.sign('HMAC', key, text('m'))),
              await named(subtle.sign('Ed25519', key, text('m'))),
              await named(subtle.exportKey('raw', key)),
              await named(subtle.importKey('raw', text('k'), algorithm, false, ['encrypt'])),
              await named(subtle.importKey('raw', text('k'), algorithm, false, [])),
              await named(subtle.importKey('raw', text(''), algorithm, false, ['sign'])),
              await named(subtle.importKey('pem', text('k'), algorithm, false, ['sign'])),
              await named(subtle.importKey('spki', text('k'), 'Ed25519', false, ['verify'])),
              await named(subtle.generateKey({ name: 'ECDSA', namedCurve: 'K-256' }, false, ['sign'])),
              await named(subtle.generateKey({ name: 'AES-GCM', length: 100 }, false, ['encrypt'])),
              await named(subtle.generateKey('ROT13', false, ['encrypt'])),
              key.extractable, key.algorithm.hash.name, Object.prototype.toString.call(key),
            ].join()
            """)
        #expect(
            names
                == .string(
                    [
                        "InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "SyntaxError", "SyntaxError",
                        "DataError", "TypeError", "DataError", "NotSupportedError", "OperationError",
                        "NotSupportedError", "false", "SHA-256", "[object CryptoKey]",
                    ].joined(separator: ",")))
    }

    /// The generator behind keys, nonces and salts has no state that two isolates could share.
    @Test func `isolates do not share the random numbers of signatures and keys`() async throws {
        try await IsolateBench.with(waiting: 3) { bench async throws in
            var seen: Set<String> = []
            for _ in 0..<4 {
                let outcome = await bench.run(
                    Self.helpers + """
                        const { publicKey } = await subtle.generateKey('Ed25519', true, ['sign', 'verify'])
                        return hex(await subtle.exportKey('raw', publicKey))
                        """, isFresh: true)
                seen.insert(try returned(outcome))
            }
            #expect(seen.count == 4)
        }
    }
}
