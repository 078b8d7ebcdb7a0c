import GrapnelCore
import GrapnelFormat
import Testing

/// What recipe.yaml may say of when runs start, and what that is for one event.
@Suite struct RecipeFlowTests {
    private func flow(_ keys: String) throws -> RecipeFlow {
        try RecipeManifest.decode(yaml: "on: { source: a }\nhandler: x.js\n\(keys)", name: "r", file: "f").flow
    }

    private func run(_ keys: String, body: JSON) throws -> RunFlow {
        let event = Event(
            id: Identifier(high: 1, low: 1), tenant: .default, source: "a", type: "t", deliveryID: nil,
            receivedAt: Timestamp(milliseconds: 0), headers: HeaderFields([("X-Shop", "north")]), query: "", raw: [],
            bodyKind: .json)
        return try flow(keys).flow(in: EventScope(event: event, body: body), most: .mebibytes(4))
    }

    @Test func `a recipe that says nothing of it starts its runs freely`() throws {
        #expect(try flow("") == RecipeFlow())
        #expect(try run("", body: [:]) == .free)
        #expect(RunFlow.free.mayStartAtOnce)
    }

    @Test func `every key is read`() throws {
        let flow = try flow(
            """
            order_by: body.id
            concurrency: 4
            rate: 50/1m
            delay: 30s
            expire: 1h
            priority: -5
            """)
        #expect(flow.orderBy?.description == "body.id")
        #expect(flow.concurrency == 4)
        #expect(flow.rate?.limit == RateLimit(count: 50, interval: .seconds(60)))
        #expect(flow.delay == .seconds(30))
        #expect(flow.expire == .seconds(3600))
        #expect(flow.priority == -5)
        let keyed = try self.flow(
            "concurrency: { limit: 2, key: body.id }\nrate: { limit: 1/1s, key: headers.X-Shop }")
        #expect(keyed.concurrency == nil)
        #expect(keyed.keyedConcurrency?.limit == 2)
        #expect(keyed.rate?.key?.description == "headers.X-Shop")
        #expect(try self.flow("debounce: { quiet: 10s, at_most: 5m, key: body.id }").debounce?.atMost == .seconds(300))
        #expect(try self.flow("batch: { size: 100, within: 10s }").batch?.size == 100)
    }

    private static let keys: [(JSON, String?)] = [
        (["id": 7], "7"), (["id": "7"], "7"), (["id": "a/b"], "a/b"), (["id": true], "true"),
        (["id": ["b": 1, "a": 2]], #"{"a":2,"b":1}"#), (["id": .null], nil), ([:], nil),
    ]

    @Test(arguments: keys)
    func `the key of an event is the text of what its path leads to`(body: JSON, key: String?) throws {
        #expect(try run("order_by: body.id", body: body).lane == key.map { RunFlow.Lane(key: $0) })
        let limited = try run("concurrency: { limit: 2, key: body.id }", body: body).lane
        #expect(limited == key.map { RunFlow.Lane(key: $0, limit: 2) })
        #expect(try run("rate: { limit: 1/1s, key: body.id }", body: body).rate?.key == key)
    }

    @Test func `a long key is kept as its digest`() throws {
        let long = String(repeating: "x", count: 5000)
        let key = try #require(try run("order_by: body.id", body: ["id": .string(long)]).lane?.key)
        #expect(key.hasPrefix("sha256:"))
        #expect(key.utf8.count == 71)
        #expect(try run("order_by: body.id", body: ["id": .string(long + "y")]).lane?.key != key)
    }

    @Test func `an event without the key is not held up by others`() throws {
        #expect(try run("debounce: { quiet: 10s, key: body.id }", body: [:]).gathering == nil)
        #expect(
            try run("debounce: { quiet: 10s }", body: [:]).gathering
                == .debounce(key: "", quiet: .seconds(10), atMost: nil))
        // Its handler awaits a batch: it is one of its own.
        #expect(
            try run("batch: { size: 9, within: 10s, key: body.id }", body: [:]).gathering
                == .batch(key: "", size: 1, bytes: .mebibytes(4), within: .seconds(10)))
        #expect(
            try run("batch: { size: 9, within: 10s, key: body.id }", body: ["id": 1]).gathering
                == .batch(key: "1", size: 9, bytes: .mebibytes(4), within: .seconds(10)))
    }

    @Test func `what waits by itself does not start at once`() throws {
        #expect(try !run("delay: 1s", body: [:]).mayStartAtOnce)
        #expect(try !run("batch: { size: 9, within: 10s }", body: [:]).mayStartAtOnce)
        #expect(try !run("debounce: { quiet: 1s }", body: [:]).mayStartAtOnce)
        #expect(try run("order_by: body.id", body: ["id": 1]).mayStartAtOnce)
    }
}
