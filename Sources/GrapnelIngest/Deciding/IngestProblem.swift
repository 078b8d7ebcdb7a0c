import GrapnelCore

/// Why a request is not taken, as a vendor and its developer read it: a problem document (RFC 9457).
struct IngestProblem: Error, Sendable, Hashable {
    var status: Int
    /// A stable word.
    var kind: String
    var title: String
    /// What to check.
    var detail: String
    var headers = HeaderFields()

    static let unknownSource = IngestProblem(
        status: 404, kind: "unknown_source", title: "No such source",
        detail: "Webhooks are posted to /hooks/<source>, with a source that grapnel.yaml names.")

    static let method = IngestProblem(
        status: 405, kind: "method", title: "Events are posted", detail: "Use POST or PUT.",
        headers: HeaderFields([("allow", "POST, PUT")]))

    static let handshake = IngestProblem(
        status: 400, kind: "handshake", title: "The handshake lacks a value",
        detail: "The request looks like the vendor's handshake and lacks what its answer is made of.")

    static let malformed = IngestProblem(
        status: 400, kind: "malformed", title: "The request is malformed", detail: "The target is no path.")

    static let slow = IngestProblem(
        status: 408, kind: "slow", title: "The body took too long", detail: "Send the request again, at once.",
        headers: HeaderFields([("connection", "close")]))

    static func charset(_ type: String) -> IngestProblem {
        IngestProblem(
            status: 415, kind: "charset", title: "The charset cannot be decoded",
            detail: "Send UTF-8; the request says: \(type)")
    }

    static func encoding(_ coding: String) -> IngestProblem {
        IngestProblem(
            status: 415, kind: "content_encoding", title: "The content encoding cannot be decoded",
            detail: "Send the body as it is; the request says: \(coding)")
    }

    static func tooLarge(_ limit: Int) -> IngestProblem {
        IngestProblem(
            status: 413, kind: "body_too_large", title: "The body is too large",
            detail:
                "This source takes \(ByteCount(bytes: limit)); raise max_body in grapnel.yaml if the vendor sends more.",
            headers: HeaderFields([("connection", "close")]))
    }

    static func batch(_ limit: Int) -> IngestProblem {
        IngestProblem(
            status: 413, kind: "batch_too_large", title: "The batch has too many elements",
            detail: "A request carries at most \(limit) events.")
    }

    static func rejected(_ kind: RejectionKind) -> IngestProblem {
        IngestProblem(
            status: 401, kind: kind.rawValue, title: "The request could not be verified", detail: advice(kind))
    }

    static func unavailable(_ wait: Duration) -> IngestProblem {
        IngestProblem(
            status: 503, kind: "unavailable", title: "The event cannot be stored now",
            detail: "Nothing was kept. Send it again.",
            headers: HeaderFields([("retry-after", String(max(1, wait.components.seconds)))]))
    }

    private static func advice(_ kind: RejectionKind) -> String {
        switch kind {
        case .missingSignature: "There is no signature where this source's provider puts it."
        case .malformedSignature: "The signature is not written as this source's provider writes it."
        case .repeatedSignature: "The signature is there more than once."
        case .wrongSignature:
            "The signature does not fit. Check the secret, the URL (public_url) and that nothing on the way changes the body."
        case .missingTimestamp: "There is no signed time where this source's provider puts it."
        case .malformedTimestamp: "The signed time is not written as this source's provider writes it."
        case .staleTimestamp: "The signed time is too long ago. Check the clocks."
        case .futureTimestamp: "The signed time is in the future. Check the clocks."
        case .missingPart: "Something that is signed is not on the request."
        case .bodyDigestMismatch: "The digest of the body does not fit the body."
        case .wrongKey: "The shared key is not one of this source's."
        case .noActiveSecret: "This source has no usable secret."
        }
    }

    /// The answer.
    var reply: HTTPReply {
        let document: JSON = [
            "type": "about:blank", "title": .string(title), "status": .integer(Int64(status)), "kind": .string(kind),
            "detail": .string(detail),
        ]
        var headers = headers
        headers.set("content-type", "application/problem+json")
        return HTTPReply(status: status, headers: headers, body: JSONWriter.bytes(document))
    }
}
