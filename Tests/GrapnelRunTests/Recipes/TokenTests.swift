import GrapnelCore
import GrapnelRun
import Testing

/// Keys in PEM, and tokens signed with them, in a real isolate.
@Suite struct TokenTests {
    /// RFC 7515, appendix A.3, with its key as a SubjectPublicKeyInfo in PEM.
    private static let published = """
        const key = `-----BEGIN PUBLIC KEY-----
        ${Buffer.from(await crypto.subtle.exportKey('spki', await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256',
          x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' },
          { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']))).toString('base64')}
        -----END PUBLIC KEY-----`
        const token = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q'

        """

    /// A new pair of keys in PEM, as `own.publicKey` and `own.privateKey`.
    private static func pair(_ algorithm: String) -> String {
        """
        const pair = await crypto.subtle.generateKey(\(algorithm), true, ['sign', 'verify'])
        const pem = async (form, key, label) =>
          `-----BEGIN ${label}-----\\n${Buffer.from(await crypto.subtle.exportKey(form, key)).toString('base64')}\\n-----END ${label}-----\\n`
        const own = { publicKey: await pem('spki', pair.publicKey, 'PUBLIC KEY'), privateKey: await pem('pkcs8', pair.privateKey, 'PRIVATE KEY') }

        """
    }

    private func value(_ body: String) async throws -> JSON? {
        let bench = try RecipeBench(
            "handler: handler.js",
            files: [
                "handler.js": """
                const jwt = require('jsonwebtoken'), nodeCrypto = require('crypto')
                const failure = (body) => { try { return body() } catch (error) { return `${error.name}: ${error.message}` } }
                module.exports = async () => {
                \(body)
                }
                """
            ])
        return try await bench.value()
    }

    @Test func `a token of the standard is verified, and has expired`() async throws {
        let answer = try await value(
            Self.published + """
                return [jwt.verify(token, key, { algorithms: ['ES256'], ignoreExpiration: true }).iss,
                  failure(() => jwt.verify(token, key)), failure(() => jwt.verify(token.replace('eyJpc3', 'eyJpc4'), key)),
                  failure(() => jwt.verify(token, key, { algorithms: ['RS256'] }))]
                """)
        #expect(
            answer == [
                "joe", "TokenExpiredError: jwt expired", "JsonWebTokenError: invalid signature",
                "JsonWebTokenError: invalid algorithm",
            ])
    }

    @Test func `a public key is never taken for a shared secret`() async throws {
        let answer = try await value(
            Self.published + """
                const head = Buffer.from('{"alg":"HS256"}').toString('base64url') + '.e30'
                const forged = `${head}.${nodeCrypto.createHmac('sha256', key).update(head).digest('base64url')}`
                return [failure(() => jwt.verify(forged, key)), failure(() => jwt.verify(forged, Buffer.from(key))),
                  failure(() => jwt.sign({}, 'secret', { algorithm: 'ES256' }))]
                """)
        #expect(
            answer == [
                "JsonWebTokenError: secretOrPublicKey must be a symmetric key when using HS256",
                "JsonWebTokenError: secretOrPublicKey must be a symmetric key when using HS256",
                "JsonWebTokenError: secretOrPublicKey must be an asymmetric key when using ES256",
            ])
    }

    @Test(arguments: [
        ("{ name: 'ECDSA', namedCurve: 'P-384' }", "ES384", true),
        (
            "{ name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }",
            "PS256", false
        ),
        (
            "{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }",
            "RS256", false
        ),
    ])
    func `own keys sign and verify`(pair: String, algorithm: String, isDER: Bool) async throws {
        let answer = try await value(
            Self.pair(pair) + """
                const token = jwt.sign({ a: 1 }, own.privateKey, { algorithm: '\(algorithm)' })
                const signature = nodeCrypto.createSign('SHA256').update('he').update('llo').sign(own.privateKey)
                const check = (text) => nodeCrypto.createVerify('SHA256').update(text).verify(own.publicKey, signature)
                return [jwt.verify(token, own.publicKey).a, check('hello'), check('hallo'), signature[0] === 0x30,
                  failure(() => nodeCrypto.createSign('SHA256').sign(own.publicKey)), failure(() => nodeCrypto.createPublicKey('x'))]
                """)
        #expect(answer?.array?.prefix(3) == [1, true, false])
        // A curve's signature is DER in Node, and begins with a sequence.
        if isDER { #expect(answer?[3] == true) }
        #expect(answer?[4] == "TypeError: signing takes a private key")
        #expect(answer?[5]?.string?.hasPrefix("TypeError: expected a key in PEM") == true)
    }
}
