import GrapnelCore

/// The tokens of the connections, as an operator has set them.
struct SimulatedSecrets: SecretReading {
    /// By connection; who sets another one counts it up.
    var tokens: [String: Int] = [:]

    func secret(named name: String) -> [UInt8]? { Array(SimulatedSecrets.token(tokens[name, default: 0]).utf8) }

    static func token(_ number: Int) -> String { "token-\(number)" }

    /// The number of the token that a request carries.
    static func number(in authorization: String?) -> Int? {
        authorization?.split(separator: "-").last.flatMap { Int($0) }
    }
}
