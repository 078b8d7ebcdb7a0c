package import GrapnelCore
import GrapnelCrypto
package import GrapnelFormat

/// Decides whether a request comes from the vendor that shares one of the secrets: pure, over the exact bytes, in
/// constant time where keys are compared.
///
/// The first scheme whose signature is on the request is checked. Any of the secrets may match.
package struct SignatureVerifier: Sendable {
    /// The most signatures that are looked at on one request.
    package static let maximumSignatures = 16
    /// The longest field that signatures are read from, in bytes.
    package static let maximumFieldBytes = 8192

    private let schemes: [PreparedScheme]

    /// A verifier for the schemes that a source takes, in order, and its active secrets.
    package init(schemes: [SignatureScheme], secrets: [SourceSecret]) {
        self.schemes = schemes.map { scheme in
            let others = schemes.map(\.key.strip).filter { !$0.isEmpty && $0 != scheme.key.strip }
            return PreparedScheme(
                scheme,
                secrets: secrets.filter { secret in
                    // Where another scheme's keys are marked, a key with that mark is not one for this scheme.
                    !others.contains { secret.value.hasPrefix($0) }
                })
        }
    }

    /// What is to be said of `request`, which arrived at `now`.
    package func verify(_ request: InboundRequest, now: Timestamp) -> VerificationOutcome {
        guard schemes.contains(where: { !$0.keys.isEmpty }) else { return .rejected(.noActiveSecret) }
        var rejection = RejectionKind.missingSignature
        for prepared in schemes {
            if let when = prepared.scheme.when, !when.matches(RequestScope(request)) { continue }
            switch SignatureReading.read(prepared.scheme, from: request) {
            case .absent: continue
            case .ofAnotherScheme: rejection = .malformedSignature
            case .rejected(let kind): return .rejected(kind)
            case .found(let reading):
                guard !prepared.keys.isEmpty else {
                    rejection = .noActiveSecret
                    continue
                }
                return check(request, prepared, reading, now: now)
            }
        }
        return .rejected(rejection)
    }

    /// Whether a vendor may sign the time.
    var readsTimes: Bool { schemes.contains { $0.scheme.timestamp != nil } }

    /// When a vendor signed a request that was accepted; `nil` when it does not say.
    func signedTime(of request: InboundRequest) -> Timestamp? {
        for prepared in schemes {
            if let when = prepared.scheme.when, !when.matches(RequestScope(request)) { continue }
            guard case .found(let reading) = SignatureReading.read(prepared.scheme, from: request),
                !prepared.keys.isEmpty
            else { continue }
            return prepared.scheme.timestamp.flatMap { TimestampCheck.time(of: reading.timestamp, $0) }
        }
        return nil
    }

    private func check(
        _ request: InboundRequest, _ prepared: PreparedScheme, _ reading: SignatureReading, now: Timestamp
    ) -> VerificationOutcome {
        let scheme = prepared.scheme
        if scheme.algorithm.sendsSecret { return checkKey(prepared, reading) }
        if let timestamp = scheme.timestamp,
            let kind = TimestampCheck.rejection(of: reading.timestamp, timestamp, now: now)
        {
            return .rejected(kind)
        }
        if let digest = scheme.bodyDigest, let kind = BodyDigestCheck.rejection(of: request, digest) {
            return .rejected(kind)
        }
        var scope = RequestScope(request)
        if case .once(let time) = reading.timestamp { scope.timestamp = time }
        guard prepared.isUnambiguous(scope) else { return .rejected(.malformedSignature) }
        for url in prepared.signsURL ? scheme.url.candidates(of: request.url) : [request.url] {
            scope.url = url
            var shared: [UInt8]?
            for key in prepared.keys {
                if prepared.signsSecret { scope.secret = key.bytes }
                let content: [UInt8]
                if let shared {
                    content = shared
                } else {
                    guard let bytes = try? SignedContent.bytes(scheme, in: scope) else {
                        return .rejected(.missingPart)
                    }
                    content = bytes
                    if !prepared.signsSecret { shared = bytes }
                }
                if isSigned(content, by: key, scheme.algorithm, reading.signatures) {
                    return .accepted(key.verdict)
                }
            }
        }
        return .rejected(.wrongSignature)
    }

    private func isSigned(
        _ content: [UInt8], by key: PreparedScheme.Key, _ algorithm: SignatureAlgorithm, _ signatures: [[UInt8]]
    ) -> Bool {
        switch key.material {
        case .bytes(let bytes):
            guard let expected = SignatureComputation.compute(algorithm, content, key: bytes) else { return false }
            return signatures.contains { ConstantTime.isEqual($0, expected) }
        case .publicKey(let publicKey):
            guard let verification = algorithm.verification else { return false }
            return signatures.contains {
                SignatureVerification.isValid($0, of: content, by: publicKey, algorithm: verification)
            }
        }
    }

    private func checkKey(_ prepared: PreparedScheme, _ reading: SignatureReading) -> VerificationOutcome {
        for key in prepared.keys {
            guard case .bytes(let bytes) = key.material else { continue }
            if reading.signatures.contains(where: { ConstantTime.isEqualByDigest($0, bytes) }) {
                return .accepted(key.verdict)
            }
        }
        return .rejected(.wrongKey)
    }
}
