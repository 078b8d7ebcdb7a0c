import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

/// The request that a connector's test expects, as it goes to a stand-in.
struct SentRequest {
    let method: String
    /// Path and query below the connector's name.
    let target: String
    let headers: [(String, String)]
    let body: String

    /// `nil` for a test that expects nothing to be sent.
    init?(_ test: ConnectorTest, of connector: ConnectorDefinition) {
        guard let url = test.expectedURL, let method = test.expectedMethod else { return nil }
        self.method = method
        let base = connector.baseURL ?? ""
        target = url.hasPrefix(base) && !base.isEmpty ? String(url.dropFirst(base.count)) : SentRequest.path(of: url)
        headers = (test.expectedHeaders ?? [:]).map { ($0.key, $0.value) }
        switch test.expectedBody {
        case nil: body = ""
        case .string(let text)?: body = text
        case let value?: body = JSONWriter.text(value)
        }
    }

    private static func path(of url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return "/" + (parts.count > 3 ? parts[3] : "")
    }
}
