import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

/// How a vendor knows its client, and what it takes.
struct VendorAuthentication: Sendable {
    /// The ways of which one must be gone.
    private let rules: [AuthRule]
    /// The credentials that are taken; any is taken for a name that is not here.
    private let expected: [String: String]

    /// - Parameters:
    ///   - rules: The kinds that the connector has. When credentials are given, only the kinds that they are for count.
    ///   - expected: The credentials that are taken, by name.
    init(rules: [AuthRule], expected: [String: String]) {
        let meant = rules.filter { !$0.credentials.isEmpty && $0.credentials.allSatisfy { expected[$0] != nil } }
        self.rules = meant.isEmpty ? rules : meant
        self.expected = expected
    }

    /// Checks what the connection adds to every request.
    func check(_ request: EmulatorRequest) throws(EmulatorProblem) {
        var first: EmulatorProblem?
        for rule in rules {
            do throws(EmulatorProblem) {
                return try check(request, by: rule)
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    /// The headers that hold a credential.
    var secretHeaders: [String] {
        rules.compactMap { if case .header(let name, _) = $0 { name } else { nil } }
    }

    /// The query parameters that hold a credential.
    var secretParameters: [String] {
        rules.compactMap { if case .query(let name, _) = $0 { name } else { nil } }
    }

    private func check(_ request: EmulatorRequest, by rule: AuthRule) throws(EmulatorProblem) {
        switch rule {
        case .none: return
        case .bearer(let credential): try compare(try bearer(request), to: credential)
        case .basic(let username, let password):
            let pair = try basic(request)
            try compare(pair.username, to: username)
            try compare(pair.password, to: password)
        case .header(let name, let credential):
            guard let value = request.headers.first(name) else {
                throw VendorAuthentication.refusal("the header \(name) is missing")
            }
            try compare(value, to: credential)
        case .query(let name, let credential):
            guard let value = FormFields(parsing: Array(request.query.utf8)).first(name) else {
                throw VendorAuthentication.refusal("the query parameter \(name) is missing")
            }
            try compare(value, to: credential)
        case .standardWebhooks(let credential):
            try StandardWebhookCheck(secret: expected[credential]).check(request)
        }
    }

    /// Checks credentials that stand in the path, the query or the body.
    func check(_ credentials: [String: String]) throws(EmulatorProblem) {
        for (name, value) in credentials { try compare(value, to: name) }
    }

    private func bearer(_ request: EmulatorRequest) throws(EmulatorProblem) -> String {
        let parts = (request.headers.first("Authorization") ?? "").split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw VendorAuthentication.refusal("Authorization: Bearer is missing")
        }
        return String(parts[1])
    }

    private func basic(_ request: EmulatorRequest) throws(EmulatorProblem) -> (username: String, password: String) {
        let parts = (request.headers.first("Authorization") ?? "").split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Base64.decode(String(parts[1])) else {
            throw VendorAuthentication.refusal("Authorization: Basic is missing")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else {
            throw VendorAuthentication.refusal("Authorization: Basic has no colon")
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    private func compare(_ value: String, to credential: String) throws(EmulatorProblem) {
        guard !value.isEmpty else { throw VendorAuthentication.refusal("the \(credential) is empty") }
        guard let expected = expected[credential] else { return }
        guard ConstantTime.isEqual(comparable(value), comparable(expected)) else {
            throw VendorAuthentication.refusal("the \(credential) is wrong")
        }
    }

    /// The bytes to compare: of a URL those behind the host, which has several names.
    private func comparable(_ value: String) -> [UInt8] {
        guard value.hasPrefix("http://") || value.hasPrefix("https://") else { return Array(value.utf8) }
        let parts = value.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return Array((parts.count > 3 ? parts[3] : "").utf8)
    }

    static func refusal(_ detail: String) -> EmulatorProblem {
        EmulatorProblem(401, "Not authenticated", [detail])
    }
}
