import CCurl
import Glibc
import GrapnelCore

/// One easy handle of libcurl and the request that it carries now; used again for the next request.
///
/// Confined to the thread of its `EgressLoop`: libcurl calls back on the thread that drives it.
final class EgressTransfer {
    /// The largest body of which libcurl's copy may stay until the next request. 64 KiB.
    private static let largestKeptBody = 65_536

    let handle: UnsafeMutableRawPointer
    private let guarding: AddressGuard
    private let limits: EgressLimits
    private let clock: any HubClock
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var submission: EgressSubmission?
    /// When libcurl began to send the request; `nil` before.
    private var sentAt: Duration?
    private var hasAnswered = false
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    private var headBytes = 0
    private var headFields = 0
    /// Why a callback or the loop ended the transfer.
    private var refusal: EgressFailure?

    /// `nil` when libcurl has no memory.
    init?(_ settings: EgressLoop.Settings) {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        guarding = settings.guarding
        limits = settings.limits
        clock = settings.clock
        configure(certificateAuthorities: settings.certificateAuthorities)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(fields)
    }

    /// What stays the same for every request.
    private func configure(certificateAuthorities: String?) {
        grapnel_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        grapnel_curl_set_string(handle, CURLOPT_PROXY, "")
        grapnel_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        grapnel_curl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "")
        grapnel_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        grapnel_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        grapnel_curl_set_long(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        grapnel_curl_set_long(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        grapnel_curl_set_long(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        grapnel_curl_set_string(handle, CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
        grapnel_curl_set_long(handle, CURLOPT_MAXAGE_CONN, Int(limits.idleConnection.milliseconds / 1000))
        grapnel_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(limits.connect.milliseconds))
        if let certificateAuthorities {
            grapnel_curl_set_string(handle, CURLOPT_CAINFO, certificateAuthorities)
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        grapnel_curl_set_pointer(handle, CURLOPT_PRIVATE, context)
        grapnel_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context)
        grapnel_curl_set_pointer(handle, CURLOPT_PREREQDATA, context)
        grapnel_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        grapnel_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        grapnel_curl_set_open_socket(handle) { context, _, address in
            guard let context, let address else { return grapnel_curl_bad_socket() }
            return EgressTransfer.from(context).openSocket(address)
        }
        grapnel_curl_set_prerequest(handle) { context, address, _, port, _ in
            guard let context, let address else { return 1 }
            return EgressTransfer.from(context).beginSending(to: String(cString: address), port: port) ? 0 : 1
        }
        grapnel_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return EgressTransfer.from(context).receiveHead(line) ? line.count : 0
        }
        grapnel_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // Anything but the count ends the transfer; an empty part needs another number than its own.
            return EgressTransfer.from(context).receiveBody(part) ? part.count : part.count + 1
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer) -> EgressTransfer {
        Unmanaged<EgressTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Takes up a checked request.
    func prepare(_ submission: EgressSubmission) {
        self.submission = submission
        sentAt = nil
        hasAnswered = false
        head = []
        body = []
        headBytes = 0
        headFields = 0
        refusal = nil
        let request = submission.request
        grapnel_curl_set_string(handle, CURLOPT_URL, request.url.text)
        grapnel_curl_set_long(
            handle, CURLOPT_TIMEOUT_MS, Int(max(1, min(request.timeout ?? limits.total, limits.total).milliseconds)))
        grapnel_curl_set_long(handle, CURLOPT_FRESH_CONNECT, request.onNewConnection ? 1 : 0)
        grapnel_curl_set_long(handle, CURLOPT_FORBID_REUSE, request.onNewConnection ? 1 : 0)
        setMethodAndBody(request)
        setHeaders(request)
    }

    private func setMethodAndBody(_ request: EgressRequest) {
        // This one also takes back HEAD and POST of the request before.
        grapnel_curl_set_long(handle, CURLOPT_HTTPGET, 1)
        let hasBody = !request.body.isEmpty
        if hasBody || ["POST", "PUT", "PATCH"].contains(request.method) {
            grapnel_curl_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            request.body.withUnsafeBytes { bytes in
                // libcurl copies it, for an empty array too, which has no address.
                let start = bytes.baseAddress
                if let start, hasBody {
                    grapnel_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start)
                } else {
                    grapnel_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, "")
                }
            }
            grapnel_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method == "POST" ? nil : request.method)
        } else if request.method == "HEAD" {
            grapnel_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, nil)
            grapnel_curl_set_long(handle, CURLOPT_NOBODY, 1)
        } else {
            grapnel_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method == "GET" ? nil : request.method)
        }
    }

    private func setHeaders(_ request: EgressRequest) {
        var list: UnsafeMutablePointer<curl_slist>?
        func add(_ line: String) {
            if let longer = curl_slist_append(list, line) { list = longer }
        }
        var hasType = false
        for field in request.headers.fields {
            if !hasType, HeaderFields.isSame(field.name, "Content-Type") { hasType = true }
            // libcurl's spelling of a field without a value.
            add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        // libcurl would add these of its own accord.
        if !hasType { add("Content-Type:") }
        add("Expect:")
        grapnel_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        curl_slist_free_all(fields)
        fields = list
    }
}

// What libcurl asks and tells while the transfer goes on.
extension EgressTransfer {
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let length = Int(address.pointee.addrlen)
        let target = withUnsafePointer(to: &address.pointee.addr) { IPAddress.from($0, length: length) }
        guard refusal == nil, let target, allow(target.address, port: target.port) else {
            return grapnel_curl_bad_socket()
        }
        let type = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        return socket(address.pointee.family, type, address.pointee.protocol)
    }

    /// Whether the guard lets this address through; notes the refusal when it does not.
    private func allow(_ address: IPAddress, port: UInt16) -> Bool {
        guard let url = submission?.request.url else { return false }
        switch guarding.verdict(on: address, port: port, host: url.host) {
        case .allowed: return true
        case .refused(let kind):
            let hint =
                kind.canBeAllowed
                ? "; to let requests reach it, add \(url.hostAndPort) to egress.allow_private in grapnel.yaml" : ""
            refusal = EgressFailure(
                .refusedAddress, "\(url.host) has the \(kind.rawValue) address \(address.canonical)\(hint)")
        case .refusedPort(let port):
            refusal = EgressFailure(
                .refusedAddress,
                "port \(port) is not one for HTTP; to let requests reach it, add \(url.host):\(port) to "
                    + "egress.allow_private in grapnel.yaml")
        }
        return false
    }

    private func beginSending(to address: String, port: Int32) -> Bool {
        // A kept-alive connection is judged again: it has opened no socket for this request.
        guard refusal == nil, let address = IPAddress(address), let port = UInt16(exactly: port),
            allow(address, port: port)
        else { return false }
        if sentAt != nil, submission?.request.mayRepeat != true {
            // libcurl is about to send the request once more, because the kept-alive connection closed without a byte
            // of answer. The first sending may have arrived: whether to repeat it is the ledger's decision.
            refusal = EgressFailure(
                .connectionLost, "the server closed the kept-alive connection without an answer", bytesLeft: true)
            return false
        }
        sentAt = clock.monotonic()
        return true
    }

    private func receiveHead(_ line: UnsafeRawBufferPointer) -> Bool {
        hasAnswered = true
        headBytes += line.count
        headFields += 1
        guard headBytes <= limits.responseHead.bytes, headFields <= limits.responseFields else {
            refusal = tooLarge(
                "the head of the answer is over \(limits.responseHead) or \(limits.responseFields) fields")
            return false
        }
        if line.starts(with: "HTTP/".utf8) {
            // A new status line: what came before was an interim answer.
            head.removeAll(keepingCapacity: true)
        } else {
            head.append(contentsOf: line)
        }
        return true
    }

    private func receiveBody(_ part: UnsafeRawBufferPointer) -> Bool {
        hasAnswered = true
        guard body.count + part.count <= limits.responseBody.bytes else {
            refusal = tooLarge("the answer is over \(limits.responseBody)")
            return false
        }
        body.append(contentsOf: part)
        return true
    }

    private func tooLarge(_ message: String) -> EgressFailure {
        EgressFailure(.responseTooLarge, message, bytesLeft: true)
    }

    /// Whether the first byte is overdue; notes the failure when it is.
    func expire(at now: Duration) -> Bool {
        guard !hasAnswered, let sentAt, now - sentAt > limits.firstByte else { return false }
        refusal = EgressFailure(.timeout, "no answer began within \(limits.firstByte.text)", bytesLeft: true)
        return true
    }

    /// Ends the transfer because the hub stops.
    func abandon() {
        refusal = EgressFailure(.stopped, "the hub stopped before the answer came", bytesLeft: sentAt != nil)
    }

    /// Hands the outcome to whoever waits.
    func finish(_ code: CURLcode) {
        let outcome = outcome(code)
        body = []
        if let sent = submission?.request.body.count, sent > EgressTransfer.largestKeptBody {
            grapnel_curl_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, 0)
            grapnel_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, "")
        }
        submission?.completion(outcome)
        submission = nil
    }

    private func outcome(_ code: CURLcode) -> Result<EgressResponse, EgressFailure> {
        var status = 0
        grapnel_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        let known = status > 0 ? status : nil
        if var refusal {
            refusal.bytesLeft = refusal.bytesLeft || sentAt != nil
            refusal.status = known
            return .failure(refusal)
        }
        if code == CURLE_OK, let known {
            return .success(EgressResponse(status: known, head: head, body: body))
        }
        let text = String(cString: curl_easy_strerror(code))
        if sentAt != nil {
            let isLate = code == CURLE_OPERATION_TIMEDOUT
            return .failure(
                EgressFailure(
                    isLate ? .timeout : .connectionLost,
                    isLate ? "the answer was not complete in time" : "the connection broke: \(text)", bytesLeft: true,
                    status: known))
        }
        return .failure(unsentFailure(code, text))
    }

    private func unsentFailure(_ code: CURLcode, _ text: String) -> EgressFailure {
        let host = submission?.request.url.hostAndPort ?? "the host"
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return EgressFailure(.nameNotResolved, "no address was found for \(host); check the name and the resolver")
        case CURLE_OPERATION_TIMEDOUT:
            return EgressFailure(.connectTimeout, "no connection to \(host) within \(limits.connect.text)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_INITFAILED:
            return EgressFailure(.tlsFailed, "no TLS connection to \(host): \(text)")
        default:
            return EgressFailure(.connectFailed, "no connection to \(host): \(text)")
        }
    }
}
