import GrapnelCore
import GrapnelFormat

extension OperationDefinition {
    /// What the operation's sample answer gives the handler.
    func sampleOutput() throws(ExpressionError) -> JSON {
        guard let template = response.output else { return sample.json ?? .null }
        let headers = HeaderFields(sample.headers.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) })
        var roots: [String: ScopeValue] = [
            "status": .json(.integer(Int64(sample.status))), "headers": .headers(headers),
        ]
        if let body = sample.json ?? sample.text.map({ .string($0) }) { roots["body"] = .json(body) }
        return try template.render(in: DictionaryScope(roots))
    }
}
