package import GrapnelCore
import GrapnelCrypto

extension SignatureScheme {
    /// `request` with everything added that the vendor would add at `now`: the timestamp, the digest of the body and
    /// the signature, in its headers or its URL.
    ///
    /// `secret` is the text that the source has, except for Ed25519, where it is the private key in the same writing.
    package func signed(
        _ request: InboundRequest, secret: String, now: Timestamp
    ) throws(SigningError) -> InboundRequest {
        var request = request
        if let bodyDigest { add(bodyDigest, to: &request) }
        let time = timestamp.map { text(of: now, $0.unit) }
        if case .header(let header) = timestamp?.source, let time { request.headers.set(header, time) }
        let signature = try signature(of: request, timestamp: time, secret: secret)
        switch self.signature.source {
        case .header(let name): request.headers.set(name, written(signature, time))
        case .basic: request.headers.set("Authorization", "Basic " + Base64.encode(signature))
        case .query(let name): request.addParameter(name, written(signature, time))
        case .path: request.addSegment(String(decoding: signature, as: UTF8.self))
        case .body: throw .signatureInBody(scheme: name)
        }
        return request
    }

    private func signature(
        of request: InboundRequest, timestamp: String?, secret: String
    ) throws(SigningError) -> [UInt8] {
        if algorithm.isAsymmetric {
            guard algorithm == .ed25519 else { throw .needsPrivateKey(scheme: name) }
            guard let seed = key.privateKey(of: secret), let content = try? content(request, timestamp, []),
                let signature = Ed25519.sign(content, seed: seed)
            else { throw .unusableSecret(scheme: name) }
            return signature
        }
        guard case .bytes(let key) = key.material(of: secret, for: algorithm) else {
            throw .unusableSecret(scheme: name)
        }
        guard !algorithm.sendsSecret else { return key }
        let content = try content(request, timestamp, key)
        guard let signature = SignatureComputation.compute(algorithm, content, key: key) else {
            throw .needsPrivateKey(scheme: name)
        }
        return signature
    }

    private func content(
        _ request: InboundRequest, _ timestamp: String?, _ key: [UInt8]
    ) throws(SigningError) -> [UInt8] {
        var scope = RequestScope(request)
        scope.timestamp = timestamp
        scope.secret = key
        scope.url = url.candidates(of: request.url).first
        do throws(ExpressionError) {
            return try SignedContent.bytes(self, in: scope)
        } catch {
            throw .incomplete(scheme: name, error)
        }
    }

    private func text(of time: Timestamp, _ unit: SignatureTimestamp.Unit) -> String {
        switch unit {
        case .seconds: String(time.milliseconds / 1000)
        case .milliseconds: String(time.milliseconds)
        case .rfc3339: time.description
        }
    }

    private func written(_ bytes: [UInt8], _ time: String?) -> String {
        let text = signature.prefix + SignatureComputation.encode(bytes, signature.encoding)
        guard let separator = signature.pairs, let name = signature.value else { return text }
        guard case .pair(let timeName) = timestamp?.source, let time else { return "\(name)=\(text)" }
        return "\(timeName)=\(time)\(separator)\(name)=\(text)"
    }

    private func add(_ bodyDigest: BodyDigest, to request: inout InboundRequest) {
        let digest = Digest.hash(request.body, bodyDigest.algorithm)
        let text = SignatureComputation.encode(digest, bodyDigest.encoding)
        switch bodyDigest.source {
        case .header(let name): request.headers.set(name, text)
        case .query(let name): request.addParameter(name, text)
        }
    }
}

extension SignatureKey {
    /// The private key that is written as the public one would be.
    fileprivate func privateKey(of secret: String) -> [UInt8]? {
        let text = secret.hasPrefix(strip) ? String(secret.dropFirst(strip.count)) : secret
        return encoding == .rawHex || encoding == .hex ? Hex.decode(text) : Base64.decode(text)
    }
}

extension InboundRequest {
    fileprivate mutating func addParameter(_ name: String, _ value: String) {
        let parameter = "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        url += (url.contains("?") ? "&" : "?") + parameter
        query += (query.isEmpty ? "" : "&") + parameter
    }

    fileprivate mutating func addSegment(_ segment: String) {
        let mark = url.firstIndex(of: "?") ?? url.endIndex
        let slash = url[..<mark].hasSuffix("/") ? "" : "/"
        url = "\(url[..<mark])\(slash)\(PercentEncoding.encode(segment))\(url[mark...])"
    }
}
