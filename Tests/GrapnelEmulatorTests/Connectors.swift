import GrapnelFormat

/// Connectors of every shape that a stand-in must read.
enum Connectors {
    static func all() throws -> [String: ConnectorDefinition] {
        try definitions.reduce(into: [:]) { all, definition in
            all[definition.key] = try ConnectorDefinition.decode(
                yaml: definition.value, id: definition.key, file: "connectors/\(definition.key)/connector.yaml")
        }
    }

    private static let definitions = [
        "slack": """
        name: Slack
        docs: https://api.slack.com/web
        base_url: https://slack.com/api
        auth: { kind: bearer, credential: token }
        operations:
          postMessage:
            summary: Post a message to a channel
            docs: https://api.slack.com/methods/chat.postMessage
            effect: at_least_once
            input:
              type: object
              required: [channel, text]
              properties:
                channel: { type: string }
                text: { type: string, maxLength: 40 }
                blocks: { type: array }
                thread: { type: object, properties: { ts: { type: string } } }
              additionalProperties: false
            request:
              method: POST
              path: /chat.postMessage
              json:
                channel: "{input.channel}"
                text: "{input.text}"
                blocks: "{input.blocks | default:null}"
                thread_ts: "{input.thread.ts}"
                kind: message
            response:
              success: { status: [200], where: { body.ok: true } }
            sample: { status: 200, json: { ok: true, ts: "1503435956.000247", channel: C123 } }
        """,
        "sms": """
        name: SMS
        docs: https://example.com/sms
        base_url: https://api.example.com/2010-04-01
        auth: { kind: basic, username: account, password: token }
        operations:
          sendMessage:
            summary: Send a text message
            docs: https://example.com/sms/send
            effect: at_most_once
            input:
              type: object
              required: [to, body]
              properties:
                to: { type: string }
                body: { type: string }
                media: { type: array, items: { type: string } }
                attempts: { type: integer, minimum: 1 }
              additionalProperties: false
            request:
              method: POST
              path: "/Accounts/{credential.account}/Messages.json"
              form:
                To: "{input.to}"
                Body: "{input.body}"
                MediaUrl: "{input.media}"
                Attempt: "{input.attempts}"
            response:
              success: { status: [201] }
            sample: { status: 201, json: { sid: SM1, status: queued } }
        """,
        "crm": """
        name: CRM
        docs: https://example.com/crm
        base_url: https://crm.example.com/v3
        auth: { kind: header, name: X-Key, credential: key }
        operations:
          getContact:
            summary: Read a contact
            docs: https://example.com/crm/get
            effect: safe
            input:
              type: object
              required: [id]
              properties: { id: { type: integer }, properties: { type: string } }
              additionalProperties: false
            request:
              method: GET
              path: "/contacts/{input.id}"
              query: { properties: "{input.properties}", archived: "false" }
            response:
              success: { status: [200] }
            sample: { status: 200, json: { id: "1", properties: { email: ada@example.com } } }
          searchContacts:
            summary: Find contacts
            docs: https://example.com/crm/search
            effect: safe
            input:
              type: object
              required: [email]
              properties: { email: { type: string } }
              additionalProperties: false
            request:
              method: POST
              path: /contacts/search
              json:
                filters: [{ name: email, operator: EQ, value: "{input.email}" }]
                note: "find {input.email} please"
            response:
              success: { status: [200] }
            sample: { status: 200, json: { total: 1 } }
          charge:
            summary: Take money
            docs: https://example.com/crm/charge
            effect: vendor_key
            idempotency: { header: Idempotency-Key, window: 24h }
            input:
              type: object
              required: [amount]
              properties: { amount: { type: number } }
              additionalProperties: false
            request:
              method: POST
              path: /charges
              json: { amount: "{input.amount}" }
            response:
              success: { status: [200] }
            sample: { status: 200, json: { id: ch_1 } }
        """,
    ]
}
