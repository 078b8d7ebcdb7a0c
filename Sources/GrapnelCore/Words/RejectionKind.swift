/// Why a request was not accepted; the name is what the vendor, the counters and the lists see.
package enum RejectionKind: String, Sendable, Hashable, CaseIterable {
    case missingSignature = "missing_signature"
    case malformedSignature = "malformed_signature"
    case repeatedSignature = "repeated_signature"
    case wrongSignature = "wrong_signature"
    case missingTimestamp = "missing_timestamp"
    case malformedTimestamp = "malformed_timestamp"
    case staleTimestamp = "stale_timestamp"
    case futureTimestamp = "future_timestamp"
    case missingPart = "missing_part"
    case bodyDigestMismatch = "body_digest_mismatch"
    case wrongKey = "wrong_key"
    case noActiveSecret = "no_active_secret"
}
