import GrapnelCore
import GrapnelCrypto
import GrapnelSend
import Synchronization

/// Posts signed deliveries as GitHub does, and again when they were not acknowledged.
final class Vendor: Sendable {
    private struct State {
        var next = 0
        var acknowledged: Set<String> = []
        var isEnding = false
    }

    private let egress: EgressClient
    private let state = Mutex(State())
    let gate = HubGate()

    init(egress: EgressClient) {
        self.egress = egress
    }

    /// The deliveries that were answered with 2xx.
    var acknowledged: Set<String> { state.withLock { $0.acknowledged } }

    /// Lets every delivery that was begun come to its end, and begins no more.
    func end() { state.withLock { $0.isEnding = true } }

    /// Posts one delivery after the other until `end`.
    func post() async throws {
        while let number = next() {
            let delivery = "delivery-\(number)"
            var refused = 0
            while true {
                let hub = await gate.opening(after: refused)
                switch await egress.perform(try request(delivery, number: number, port: hub.port)) {
                case .success(let response) where (200..<300).contains(response.status):
                    state.withLock { _ = $0.acknowledged.insert(delivery) }
                case .success(let response) where response.status == 503: continue
                case .success(let response):
                    throw HarnessError(
                        "\(delivery): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
                case .failure:
                    refused = hub.generation
                    continue
                }
                break
            }
        }
    }

    /// One delivery.
    func request(
        _ delivery: String, number: Int, type: String = "issues", action: String? = "opened", port: Int
    ) throws -> EgressRequest {
        var document = JSONObject([("number", .integer(Int64(number))), ("text", "round and round")])
        document["action"] = action.map { .string($0) }
        let body = JSONWriter.bytes(.object(document))
        let signature = HMACSignature.sign(body, key: Array(HubDirectory.secret.utf8), algorithm: .sha256)
        var headers = HeaderFields()
        headers.set("Content-Type", "application/json")
        headers.set("X-GitHub-Event", type)
        headers.set("X-GitHub-Delivery", delivery)
        headers.set("X-Hub-Signature-256", "sha256=\(Hex.encode(signature))")
        return EgressRequest(
            method: "POST", url: try EgressURL("http://127.0.0.1:\(port)/hooks/github"), headers: headers, body: body,
            timeout: .seconds(30))
    }

    private func next() -> Int? {
        state.withLock { state in
            guard !state.isEnding else { return nil }
            state.next += 1
            return state.next
        }
    }
}
