import GrapnelCore

/// What a request must be before libcurl sees it: nothing in it can end a line early, choose another host or frame
/// the message anew.
enum EgressCheck {
    /// Fields that belong to the connection or to its framing; never a caller's.
    static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "proxy-connection", "proxy-authorization", "proxy-authenticate", "http2-settings",
    ]

    /// - Throws: `EgressFailure` with the code `invalidRequest`, naming what is wrong but no value.
    static func check(_ request: EgressRequest, limits: EgressLimits) throws(EgressFailure) {
        func refuse(_ why: String) -> EgressFailure { EgressFailure(.invalidRequest, why) }
        let method = request.method.utf8
        guard (1...20).contains(method.count), method.allSatisfy(isUpperCase) else {
            throw refuse("the method is not 1 to 20 capital letters")
        }
        guard request.method != "CONNECT", request.method != "TRACE", request.method != "TRACK" else {
            throw refuse("the method \(request.method) is not sent")
        }
        guard request.body.count <= limits.requestBody.bytes else {
            throw refuse("the body is over \(limits.requestBody)")
        }
        var size = 0
        for field in request.headers.fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isToken) else {
                throw refuse("a header has a name that is no token")
            }
            guard !reserved.contains(field.name.lowercased()) else {
                throw refuse("the header \(field.name) cannot be set: it belongs to the connection")
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw refuse("the header \(field.name) has a value with a line end or a control character")
            }
            size += field.name.utf8.count + field.value.utf8.count + 4
        }
        guard size <= limits.requestHead.bytes else { throw refuse("the headers are over \(limits.requestHead)") }
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// The characters of a token (RFC 9110 §5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
