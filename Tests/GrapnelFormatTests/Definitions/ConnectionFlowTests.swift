import GrapnelCore
import GrapnelFormat
import Testing

/// What grapnel.yaml may say of when the effects of a connection go, and what that is for one effect.
@Suite struct ConnectionFlowTests {
    private func connection(_ keys: String) throws -> ConnectionConfiguration {
        let text = "connections:\n  a: { connector: b, \(keys) }"
        return try #require(try HubConfiguration.decode(yaml: text, file: "f").connections.first)
    }

    private func keys(_ text: String, input: JSON) throws -> EffectKeys {
        try connection(text).flow.keys(operation: "post", input: input)
    }

    @Test func `a limit is for all, by key, or a list of both`() throws {
        let plain = try connection("rate: 50/1m, concurrency: 3")
        #expect(plain.rate == RateLimit("50/1m") && plain.concurrency == 3 && !plain.flow.limitsKeys)
        let keyed = try connection(
            "rate: { limit: 1/1s, key: input.channel }, concurrency: { limit: 1, key: input.to }")
        #expect(keyed.rate == nil && keyed.concurrency == 10)
        #expect(keyed.flow.rate?.limit == RateLimit("1/1s") && keyed.flow.rate?.key?.description == "input.channel")
        #expect(keyed.flow.concurrency?.limit == 1 && keyed.flow.concurrency?.key.description == "input.to")
        let both = try connection(
            "rate: [50/1m, { limit: 1/1s, key: input.channel }], concurrency: [{ limit: 1, key: operation }, 4]")
        #expect(both.rate == RateLimit("50/1m") && both.flow.rate == keyed.flow.rate)
        #expect(both.concurrency == 4 && both.flow.concurrency?.key.description == "operation")
    }

    @Test func `order and expiry are read, and an output's line is of its key`() throws {
        let flow = try connection("order_by: input.to, expire: 1h").flow
        #expect(flow.expire == .seconds(3600) && !flow.limitsKeys)
        #expect(flow.lane(operation: "post", input: ["to": "x"]) == "x")
        #expect(flow.lane(operation: "post", input: [:]) == nil)
        #expect(ConnectionFlow().lane(operation: "post", input: ["to": "x"]) == nil)
    }

    @Test func `the keys of an effect are of its input and its operation`() throws {
        let text = "rate: { limit: 1/1s, key: input.to.0 }, concurrency: { limit: 1, key: operation }"
        #expect(try keys(text, input: ["to": [7]]) == EffectKeys(rate: "7", concurrency: "post"))
        #expect(try keys(text, input: ["to": .null]) == EffectKeys(concurrency: "post"))
        #expect(try keys("rate: 1/1s", input: ["to": [7]]) == .none)
    }
}
