package import GrapnelCore

/// A file of `recipes/<name>/tests/`.
package struct RecipeTest: Sendable {
    /// An effect that is expected, in order.
    package struct ExpectedEffect: Sendable, Hashable {
        package var kind: EffectKind
        /// `connection.operation`.
        package var operation: String
        /// What the input holds at least; `…` in a string matches any text. `nil`: anything.
        package var input: JSON?

        package init(kind: EffectKind, operation: String, input: JSON?) {
            self.kind = kind
            self.operation = operation
            self.input = input
        }
    }

    /// An event that is expected to be emitted, in order.
    package struct ExpectedEvent: Sendable, Hashable {
        package var type: String
        /// What the data holds at least; `…` in a string matches any text. `nil`: anything.
        package var data: JSON?

        package init(type: String, data: JSON?) {
            self.type = type
            self.data = data
        }
    }

    /// The name of its file, without `.yaml`.
    package var name: String
    /// `<provider>/<type>`: a file of `connectors/<provider>/samples/`; `nil`: the event is given in full.
    package var sample: String?
    /// Changes of the sample: path (`body.issue.title`) → value.
    package var set: [(path: String, value: JSON)]
    package var source: String?
    package var type: String?
    package var headers: [String: String]
    package var body: JSON?
    package var now: Timestamp?
    package var keyValues: [String: JSON]
    /// `connection.operation` → `{ output: … }` or `{ error: { status, code, message, retryable } }`.
    package var calls: [String: JSON]
    /// Default `succeeded`.
    package var expectedState: WorkState
    package var expectedDeadReason: DeadReason?
    /// `nil`: not looked at.
    package var expectedEffects: [ExpectedEffect]?
    /// `nil`: not looked at.
    package var expectedEvents: [ExpectedEvent]?
    /// `status`, `headers`, `body`, as far as given; `nil`: not looked at.
    package var expectedReply: JSON?
    /// `{ level, message }` each; `nil`: not looked at.
    package var expectedLog: [JSON]?
    /// Store entries after the run; `nil`: not looked at.
    package var expectedKeyValues: [String: JSON]?

    package init(
        name: String, sample: String? = nil, set: [(path: String, value: JSON)] = [], source: String? = nil,
        type: String? = nil, headers: [String: String] = [:], body: JSON? = nil, now: Timestamp? = nil,
        keyValues: [String: JSON] = [:], calls: [String: JSON] = [:], expectedState: WorkState = .succeeded,
        expectedDeadReason: DeadReason? = nil, expectedEffects: [ExpectedEffect]? = nil,
        expectedEvents: [ExpectedEvent]? = nil, expectedReply: JSON? = nil,
        expectedLog: [JSON]? = nil, expectedKeyValues: [String: JSON]? = nil
    ) {
        self.name = name
        self.sample = sample
        self.set = set
        self.source = source
        self.type = type
        self.headers = headers
        self.body = body
        self.now = now
        self.keyValues = keyValues
        self.calls = calls
        self.expectedState = expectedState
        self.expectedDeadReason = expectedDeadReason
        self.expectedEffects = expectedEffects
        self.expectedEvents = expectedEvents
        self.expectedReply = expectedReply
        self.expectedLog = expectedLog
        self.expectedKeyValues = expectedKeyValues
    }
}
