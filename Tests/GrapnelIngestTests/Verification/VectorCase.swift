import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import Testing

/// A vector of a provider, ready to be checked.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let provider: String
    let index: Int
    let vector: SignatureVector
    let scheme: SignatureScheme

    var testDescription: String { "\(provider) \(scheme.name) \(index + 1)" }

    /// When the vector's signature was made.
    var now: Timestamp { vector.now ?? Timestamp(milliseconds: 1_767_603_600_000) }

    var request: InboundRequest {
        let query = vector.url.firstIndex(of: "?").map { String(vector.url[vector.url.index(after: $0)...]) } ?? ""
        return InboundRequest(
            method: vector.method, url: vector.url, query: query, headers: vector.headers, body: vector.raw,
            peer: "192.0.2.1", receivedAt: now)
    }

    var verifier: SignatureVerifier {
        SignatureVerifier(schemes: [scheme], secrets: [SourceSecret(name: "SECRET", value: vector.secret)])
    }

    /// What the verifier says of the request after a change.
    func outcome(_ change: (inout InboundRequest) -> Void = { _ in }) -> VerificationOutcome {
        var request = request
        change(&request)
        return verifier.verify(request, now: now)
    }

    /// The header that has the signature.
    var signatureHeader: String? {
        guard case .header(let name) = scheme.signature.source else { return nil }
        return name
    }

    /// Whether the signature is the only one on the request, so that no byte of its field can be spared.
    var hasOneSignature: Bool {
        guard let text = signatureHeader.flatMap({ vector.headers.first($0) }) else { return false }
        return !text.contains(" ") && text.ranges(of: ",").count <= 1
    }

    /// The headers that are signed: those of `signs`, and the timestamp's.
    var signedHeaders: [String] {
        let named = (scheme.signs?.placeholders ?? []).compactMap { placeholder -> String? in
            guard placeholder.path.root == "headers", case .key(let name) = placeholder.path.steps.first else {
                return nil
            }
            return name
        }
        guard case .header(let name) = scheme.timestamp?.source else { return named }
        return named + [name]
    }

    /// Whether `root` is part of what is signed.
    func signs(_ root: String) -> Bool {
        (scheme.signs?.placeholders ?? []).contains { $0.path.root == root }
    }
}
