import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

/// Node's modules in a real isolate: what Node.js 20 answers to the same code.
@Suite struct NodeModuleTests {
    /// The value of an expression, with the modules at hand.
    private func value(_ expression: String, keys: String = "") async throws -> JSON? {
        let bench = try RecipeBench(
            "handler: handler.js\n\(keys)",
            files: [
                "handler.js": """
                const assert = require('assert'), crypto = require('node:crypto'), EventEmitter = require('events')
                const path = require('path'), querystring = require('querystring'), url = require('url')
                const util = require('util'), { StringDecoder } = require('string_decoder')
                module.exports = async () => (\(expression))
                """
            ])
        return try await bench.value()
    }

    @Test(arguments: [
        // RFC 4231, test case 2.
        (
            "crypto.createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest('hex')",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        ("crypto.createHash('md5').update('').digest('hex')", "d41d8cd98f00b204e9800998ecf8427e"),
        (
            "crypto.createHash('SHA1').update('a').update(Buffer.from('bc')).digest('base64')",
            "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
        ),
        ("Buffer.from('héllo ✓').toString('base64')", "aMOpbGxvIOKckw=="),
        ("Buffer.from('_-8', 'base64url').toString('hex') + new Buffer('aGk=', 'base64')", "ffefhi"),
        ("util.format('%s is %d, %j', 'a', 5, { b: 1 })", "a is 5, {\"b\":1}"),
        (
            "util.inspect({ a: [1, { b: new Map([['k', /x/]]) }], f() {} })",
            "{ a: [ 1, { b: [Map] } ], f: [Function: f] }"
        ),
        ("querystring.stringify({ a: [1, 2], b: 'ü &' })", "a=1&a=2&b=%C3%BC%20%26"),
        ("querystring.parse('a=1&a=2&b=x+y').b", "x y"),
        ("url.parse('https://u:p@example.com:8080/a?b=c#d', true).query.b", "c"),
        ("url.resolve('https://example.com/a/b', '../c')", "https://example.com/c"),
        ("path.join('/a', '..', 'b', './c.txt') + path.extname('x.tar.gz')", "/b/c.txt.gz"),
        ("path.relative('/a/b/c', '/a/d')", "../../d"),
        ("new StringDecoder('utf8').write(Buffer.from([0xe2, 0x82])) + 'x'", "x"),
        ("process.env.CHANNEL + process.env.HOME + process.env.PATH", "#triageundefinedundefined"),
        ("String([process.binding, process.dlopen, process.mainModule, process.kill, require.cache])", ",,,,"),
        ("typeof global + typeof setImmediate + (global === globalThis)", "objectfunctiontrue"),
    ]) func `a module answers as Node's`(expression: String, expected: String) async throws {
        #expect(try await value(expression, keys: "variables: { CHANNEL: \"#triage\" }") == .string(expected))
    }

    @Test func `secrets are compared and numbers are drawn`() async throws {
        let drawn = try await value(
            """
            [crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('b')),
              crypto.randomBytes(70000).length, crypto.randomUUID().length, crypto.randomInt(5, 6),
              crypto.randomBytes(8).toString('hex') !== crypto.randomBytes(8).toString('hex')]
            """)
        #expect(drawn == [true, false, 70000, 36, 5, true])
        await #expect(throws: HostedError.self) {
            try await self.value("crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('ab'))")
        }
    }

    @Test func `numbers are written to and read from a buffer`() async throws {
        let read = try await value(
            """
            (() => { const b = Buffer.alloc(16); b.writeUInt32BE(0xdeadbeef, 0); b.writeInt16LE(-2, 4); b.writeUIntBE(0x123456, 6, 3)
              return [b.readUInt32BE(0), b.readInt16LE(4), b.readUIntBE(6, 3), b.slice(0, 4).toString('hex'), b.indexOf(0xbe)] })()
            """)
        #expect(read == [3_735_928_559, -2, 1_193_046, "deadbeef", 2])
    }

    @Test func `emitters, promisify and assert work as older code writes them`() async throws {
        let heard = try await value(
            """
            (async () => {
              function Door() { EventEmitter.call(this) }
              util.inherits(Door, EventEmitter)
              const door = new Door(), heard = []
              door.once('open', (who) => heard.push(who)); door.on('open', () => heard.push('on'))
              door.emit('open', 'ada'); door.emit('open', 'bob')
              heard.push(await util.promisify((value, callback) => setImmediate(callback, null, value * 2))(21))
              assert.deepStrictEqual({ a: [1] }, { a: [1] })
              assert.throws(() => assert.strictEqual(1, 2), assert.AssertionError)
              return heard
            })()
            """)
        #expect(heard == ["ada", "on", "on", 42])
    }

    /// A host that answers a fetch with what it was asked.
    private var echo: RecordingHost {
        RecordingHost { operation in
            guard case .fetch(let method, let url, let headers, let body, _, _) = operation else { return .text(nil) }
            let answer: JSON = [
                "method": .string(method), "url": .string(url),
                "type": headers.first("content-type").map { .string($0) } ?? .null,
                "authorization": headers.first("authorization").map { .string($0) } ?? .null,
                "body": .string(String(decoding: body, as: UTF8.self)),
            ]
            return .reply(
                HTTPReply(
                    status: url.contains("missing") ? 404 : 200,
                    headers: HeaderFields([("content-type", "application/json")]), body: JSONWriter.bytes(answer)))
        }
    }

    private func fetched(_ body: String) async throws -> JSON? {
        let bench = try RecipeBench(
            "handler: handler.js",
            files: ["handler.js": "module.exports = () => new Promise((resolve, reject) => {\n\(body)\n})\n"])
        return try await bench.value(host: echo)
    }

    @Test func `request sends a form and parses what comes back`() async throws {
        let answer = try await fetched(
            """
            const request = require('request')
            request.post({ url: 'https://api.example.com/x', qs: { a: 1 }, form: { b: 'c d' }, auth: { user: 'u', pass: 'p' } },
              (error, response, body) => resolve([response.statusCode, JSON.parse(body)]))
            """)
        #expect(answer?[0] == 200)
        #expect(answer?[1]?["url"] == "https://api.example.com/x?a=1")
        #expect(answer?[1]?["body"] == "b=c%20d")
        #expect(answer?[1]?["type"] == "application/x-www-form-urlencoded")
        #expect(answer?[1]?["authorization"] == "Basic dTpw")
    }

    @Test func `request-promise rejects on a status that is no success`() async throws {
        let answer = try await fetched(
            """
            const rp = require('request-promise')
            rp({ uri: 'https://api.example.com/missing', json: true })
              .catch((error) => resolve([error.name, error.statusCode, error.error.method]))
            """)
        #expect(answer == ["StatusCodeError", 404, "GET"])
    }

    @Test func `axios sends JSON, takes parameters and rejects`() async throws {
        let answer = try await fetched(
            """
            const axios = require('axios').create({ baseURL: 'https://api.example.com/v1/', headers: { 'X-A': 'b' } })
            axios.post('/things', { name: 'n' }, { params: { page: 2 } })
              .then(({ data, status }) => axios.get('missing').catch((error) =>
                resolve([status, data.url, data.body, data.type, error.isAxiosError, error.response.status])))
            """)
        #expect(
            answer == [
                200, "https://api.example.com/v1/things?page=2", #"{"name":"n"}"#, "application/json", true, 404,
            ])
    }

    @Test func `node-fetch and https are clients as well`() async throws {
        let answer = try await fetched(
            """
            const fetch = require('node-fetch'), https = require('https')
            fetch('https://api.example.com/one').then((one) => one.json()).then((one) => {
              const sent = https.request({ hostname: 'api.example.com', path: '/two', method: 'PUT', headers: { 'Content-Type': 'text/plain' } },
                (response) => { let text = ''; response.on('data', (d) => { text += d }).on('end', () => resolve([one.url, response.statusCode, JSON.parse(text).body])) })
              sent.on('error', reject); sent.write('hel'); sent.end('lo')
            })
            """)
        #expect(answer == ["https://api.example.com/one", 200, "hello"])
    }

    @Test func `tokens are signed and checked`() async throws {
        let answer = try await fetched(
            """
            const jwt = require('jsonwebtoken')
            // The example of jwt.io.
            const known = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'
            const own = jwt.sign({ role: 'admin' }, 'secret', { expiresIn: '1h', issuer: 'me' })
            const failure = (token, secret, options) => { try { jwt.verify(token, secret, options) } catch (error) { return `${error.name}: ${error.message}` } }
            const { exp, iat, role } = jwt.verify(own, 'secret', { issuer: 'me', algorithms: ['HS256'] })
            resolve([jwt.verify(known, 'your-256-bit-secret').name, exp - iat, role, failure(own, 'other'),
              failure(jwt.sign({ exp: 1 }, 's'), 's'), failure(own, 'secret', { issuer: 'you' }),
              failure('eyJhbGciOiJub25lIn0.e30.', 's'), jwt.decode(own).role])
            """)
        #expect(
            answer == [
                "John Doe", 3600, "admin", "JsonWebTokenError: invalid signature", "TokenExpiredError: jwt expired",
                "JsonWebTokenError: jwt issuer invalid. expected: you", "JsonWebTokenError: jwt signature is required",
                "admin",
            ])
    }
}
