import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

/// Handlers as the documentation of their platforms shows them, run unchanged.
@Suite struct StyleTests {
    private func text(_ reply: HTTPReply) -> String { String(decoding: reply.body, as: UTF8.self) }

    private func bench(_ style: String, _ handler: String, keys: String = "") throws -> RecipeBench {
        try RecipeBench("handler: handler.js\nstyle: \(style)\n\(keys)", files: ["handler.js": handler])
    }

    private func form(_ body: String, value: String) -> Event {
        Event(
            id: Identifier(high: 1, low: 1), tenant: .default, source: "github", type: "message", deliveryID: "d1",
            receivedAt: Timestamp(milliseconds: 1_767_603_600_000),
            headers: HeaderFields([
                ("Content-Type", "application/x-www-form-urlencoded"), ("Host", "hub.example.com"),
                ("Cookie", "a=1; b=2"), ("User-Agent", "curl/8"),
            ]), query: "x=1&x=2&y=z", raw: Array(body.utf8), bodyKind: .value, value: Array(value.utf8))
    }

    // MARK: webtask

    @Test func `a webtask of one parameter answers JSON`() async throws {
        let reply = try await bench("webtask", "module.exports = function (cb) {\n  cb(null, { i_am: 'done' });\n}\n")
            .reply()
        #expect(reply.status == 200)
        #expect(reply.headers.first("content-type") == "application/json")
        #expect(text(reply) == #"{"i_am":"done"}"#)
    }

    @Test func `a webtask with a context reads data, query, body, headers and secrets`() async throws {
        let reply = try await bench(
            "webtask",
            """
            module.exports = function (context, cb) {
              cb(null, [context.data.name, context.data.y, context.data.TOKEN, context.body.name, context.query.x,
                context.headers.host, context.secrets.TOKEN]);
            }
            """, keys: "variables: { TOKEN: t }"
        ).reply(form("name=Ada", value: #"{"name":"Ada"}"#))
        #expect(text(reply) == #"["Ada","z","t","Ada",["1","2"],"hub.example.com","t"]"#)
    }

    @Test func `a webtask with a request and a response writes what it likes`() async throws {
        let bench = try bench(
            "webtask",
            """
            module.exports = function (context, req, res) {
              var body = '';
              req.on('data', function (chunk) { body += chunk; });
              req.on('end', function () {
                res.setHeader('X-Method', req.method);
                res.writeHead(201, { 'Content-Type': 'text/html ' });
                res.write('<h1>' + body);
                res.end('</h1>');
              });
            }
            """)
        let reply = try await bench.reply(form("name=Ada", value: #"{"name":"Ada"}"#))
        #expect(reply.status == 201)
        #expect(reply.headers.first("content-type") == "text/html")
        #expect(reply.headers.first("x-method") == "POST")
        #expect(text(reply) == "<h1>name=Ada</h1>")
    }

    @Test func `a webtask that calls back with an error fails, and one that never does says so`() async throws {
        let failed = try await bench("webtask", "module.exports = function (cb) { cb(new RangeError('too far')) }")
            .failure()
        #expect(failed.message == "RangeError: too far")
        let silent = try await bench("webtask", "module.exports = function (context, cb) {}").failure()
        #expect(silent.message == "the handler ended without calling back or answering")
    }

    // MARK: twilio-function

    @Test func `a Twilio function answers a message with TwiML`() async throws {
        let reply = try await bench(
            "twilio-function",
            """
            exports.handler = (context, event, callback) => {
              const twiml = new Twilio.twiml.MessagingResponse();
              twiml.message(`${context.GREETING}, ${event.From}: <${event.Body}>`);
              return callback(null, twiml);
            };
            """, keys: "variables: { GREETING: Hello }"
        ).reply(form("From=%2B15551234567&Body=hi", value: #"{"From":"+15551234567","Body":"hi"}"#))
        #expect(reply.headers.first("content-type") == "text/xml")
        #expect(
            text(reply)
                == #"<?xml version="1.0" encoding="UTF-8"?><Response><Message>Hello, +15551234567: &lt;hi&gt;</Message></Response>"#
        )
    }

    @Test func `a Twilio function gathers digits and dials`() async throws {
        let reply = try await bench(
            "twilio-function",
            """
            exports.handler = function (context, event, callback) {
              const twiml = new Twilio.twiml.VoiceResponse();
              const gather = twiml.gather({ numDigits: 1, action: '/menu?a=1&b=2' });
              gather.say({ voice: 'alice', language: 'en-GB' }, 'Press 1 for sales.');
              twiml.dial({ callerId: '+15550000000' }).number('+15551111111');
              twiml.redirect('/voice');
              callback(null, twiml);
            };
            """
        ).reply()
        #expect(
            text(reply)
                == #"<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="1" action="/menu?a=1&amp;b=2">"#
                + #"<Say voice="alice" language="en-GB">Press 1 for sales.</Say></Gather>"#
                + #"<Dial callerId="+15550000000"><Number>+15551111111</Number></Dial><Redirect>/voice</Redirect></Response>"#
        )
    }

    @Test func `a Twilio response has a status, headers and a body`() async throws {
        let reply = try await bench(
            "twilio-function",
            """
            exports.handler = (context, event, callback) => {
              const response = new Twilio.Response();
              response.setStatusCode(201);
              response.appendHeader('Content-Type', 'application/json');
              response.setBody({ cookie: event.request.cookies.b, agent: event.request.headers['user-agent'] });
              return callback(null, response);
            };
            """
        ).reply(form("a=b", value: #"{"a":"b"}"#))
        #expect(reply.status == 201)
        #expect(reply.headers.first("content-type") == "application/json")
        #expect(text(reply) == #"{"cookie":"2","agent":"curl/8"}"#)
    }

    @Test func `a Twilio function sends through the connection of the recipe`() async throws {
        let host = RecordingHost { _ in .value(["sid": "SM1", "status": "queued"]) }
        let reply = try await bench(
            "twilio-function",
            """
            exports.handler = (context, event, callback) => {
              const twilioClient = context.getTwilioClient();
              twilioClient.messages
                .create({ to: '+15551234567', from: '+15557654321', body: 'Hi' })
                .then((message) => callback(null, message.sid))
                .catch((error) => callback(error));
            };
            """, keys: "uses: { sms: [sendMessage] }"
        ).reply(host: host)
        #expect(text(reply) == "SM1")
        #expect(
            host.operations == [
                .call(
                    connection: "sms", operation: "sendMessage",
                    input: ["to": "+15551234567", "from": "+15557654321", "body": "Hi"], step: "sms.sendMessage#1",
                    timeout: nil)
            ])
    }

    // MARK: lambda

    @Test func `a Lambda handler gets an event of payload 2.0`() async throws {
        let reply = try await bench(
            "lambda",
            """
            exports.handler = async (event, context) => {
              const response = {
                statusCode: 200,
                headers: { 'Content-Type': 'application/json' },
                body: JSON.stringify([event.version, event.routeKey, event.rawPath, event.rawQueryString, event.cookies,
                  event.headers.host, event.queryStringParameters.x, event.requestContext.http.method, event.body,
                  event.isBase64Encoded, event.requestContext.time, context.functionName,
                  context.getRemainingTimeInMillis() > 1000]),
              };
              return response;
            };
            """
        ).reply(form("a=b", value: #"{"a":"b"}"#))
        #expect(
            text(reply)
                == #"["2.0","$default","/hooks/github","x=1&x=2&y=z",["a=1","b=2"],"hub.example.com","1,2","POST","a=b","#
                + #"false,"05/Jan/2026:09:00:00 +0000","tested",true]"#)
    }

    @Test func `a Lambda handler may call back, answer bytes, and answer a plain value`() async throws {
        let back = try await bench(
            "lambda",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, { statusCode: 204 }), 1) }"
        ).reply()
        #expect(back.status == 204)
        let bytes = try await bench(
            "lambda",
            "export const handler = async () => ({ statusCode: 200, body: '/wA=', isBase64Encoded: true, cookies: ['a=1'] })"
        ).reply()
        #expect(bytes.body == [0xFF, 0])
        #expect(bytes.headers.first("set-cookie") == "a=1")
        let plain = try await bench("lambda", "exports.handler = async (event) => 'Hello from Lambda!'").reply()
        #expect(plain.headers.first("content-type") == "application/json")
        #expect(text(plain) == "Hello from Lambda!")
    }

    @Test func `a Lambda handler that throws fails`() async throws {
        let failure = try await bench(
            "lambda", "exports.handler = async () => {\n  throw new Error('no table')\n}"
        ).failure()
        #expect(failure.message == "no table")
        #expect(failure.stack?.contains("handler.js:2:") == true)
    }

    // MARK: auth0-rule

    private static let rules = [
        "rules/country.js": """
        /**
         * Adds the country.
         */
        function (user, context, callback) {
          if (context.request && context.request.geoip) {
            context.idToken['https://example.com/country'] = context.request.geoip.country_name;
          }
          callback(null, user, context);
        }

        """,
        "rules/roles.js": """
        async function addRoles(user, context, callback) {
          const _ = require('lodash@4.17.10');
          user.app_metadata = user.app_metadata || {};
          user.app_metadata.roles = _.includes(configuration.ADMINS.split(','), user.email) ? ['admin'] : ['user'];
          context.idToken['https://example.com/roles'] = user.app_metadata.roles;
          return callback(null, user, context);
        }
        """,
        "rules/verified.js": """
        function emailVerified(user, context, callback) {
          if (!user.email_verified) {
            return callback(
              new UnauthorizedError('Please verify your email before logging in.')
            );
          } else {
            return callback(null, user, context);
          }
        }
        """,
    ]

    private func pipeline() throws -> RecipeBench {
        try RecipeBench(
            """
            handler: [rules/country.js, rules/roles.js, rules/verified.js]
            style: auth0-rule
            variables: { ADMINS: "ada@example.com,bob@example.com" }
            """, files: Self.rules)
    }

    private func login(verified: Bool) -> Event {
        Sample.event(
            body: #"{"user":{"email":"ada@example.com","email_verified":\#(verified)},"#
                + #""context":{"idToken":{},"request":{"geoip":{"country_name":"Chile"}}}}"#)
    }

    @Test func `three rules share the user and the context`() async throws {
        let reply = try await pipeline().reply(login(verified: true))
        #expect(reply.status == 200)
        let value = try JSONParser.parse(reply.body)
        #expect(value["user"]?["app_metadata"] == ["roles": ["admin"]])
        #expect(
            value["context"]?["idToken"]
                == ["https://example.com/country": "Chile", "https://example.com/roles": ["admin"]])
    }

    @Test func `a rule that refuses ends the pipeline with an answer`() async throws {
        let reply = try await pipeline().reply(login(verified: false))
        #expect(reply.status == 401)
        #expect(text(reply).contains("Please verify your email before logging in."))
    }

    @Test func `a rule that throws fails with its own file and line`() async throws {
        let bench = try pipeline()
        try bench.write(
            "function (user, context, callback) {\n  callback(null, user.missing.name, context);\n}\n",
            to: "rules/roles.js")
        let failure = try await bench.failure(login(verified: true))
        #expect(failure.kind == .threw)
        #expect(failure.stack?.contains("rules/roles.js:2:") == true, "\(failure.stack ?? "")")
    }

    @Test func `a rule of one line that throws fails with its own column`() async throws {
        let bench = try RecipeBench(
            "handler: rule.js\nstyle: auth0-rule", files: ["rule.js": "function (user) { throw new Error('no') }\n"])
        let failure = try await bench.failure(login(verified: true))
        #expect(failure.stack?.contains("rule.js:1:29") == true, "\(failure.stack ?? "")")
    }

    @Test func `a mistake on the first line of a rule has its own column`() async throws {
        let bench = try RecipeBench(
            "handler: rule.js\nstyle: auth0-rule", files: ["rule.js": "function (user, context callback) {}\n"])
        #expect(
            try await bench.problems() == [
                "recipes/tested/rule.js:1:25: Expected \")\" but found \"callback\"\n    function (user, context callback) {}"
            ])
    }

    @Test func `exports of another style are refused by name`() async throws {
        let failure = try await bench("lambda", "module.exports = function (cb) {}").failure()
        #expect(failure.message == "TypeError: a Lambda handler is exports.handler = async (event, context)")
    }
}
