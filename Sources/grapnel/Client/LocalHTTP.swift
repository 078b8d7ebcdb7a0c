import CCurl
import GrapnelCore

/// One blocking HTTP request of the command line, to the hub's socket or to a loopback address. What recipes send goes
/// through the egress broker, never through this.
enum LocalHTTP {
    /// What came back.
    struct Answer {
        let status: Int
        let headers: HeaderFields
        let body: [UInt8]
    }

    private final class Collector {
        var bytes: [UInt8] = []
    }

    /// Sends a request and waits for the answer.
    ///
    /// - Parameters:
    ///   - socket: The path of a Unix socket to connect to in place of the URL's host.
    ///   - headers: Whole lines, `Name: value`.
    ///   - timeout: For the whole exchange. Default 60 s.
    static func send(
        _ method: String, url: String, socket: String? = nil, headers: [String] = [], body: [UInt8]? = nil,
        timeout: Duration = .seconds(60)
    ) throws -> Answer {
        guard let handle = curl_easy_init() else { throw LocalHTTPError("libcurl could not start") }
        defer { curl_easy_cleanup(handle) }
        let (content, head) = (Collector(), Collector())
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for line in headers + ["Expect:"] { list = curl_slist_append(list, line) }

        let collect: grapnel_curl_write_function = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
            Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue().bytes.append(contentsOf: buffer)
            return size * count
        }
        _ = grapnel_curl_set_string(handle, CURLOPT_URL, url)
        _ = grapnel_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method)
        _ = grapnel_curl_set_string(handle, CURLOPT_PROXY, "")
        if let socket { _ = grapnel_curl_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, socket) }
        _ = grapnel_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        _ = grapnel_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = grapnel_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(clamping: timeout.milliseconds))
        _ = grapnel_curl_set_write(handle, CURLOPT_WRITEFUNCTION, collect)
        _ = grapnel_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(content).toOpaque())
        _ = grapnel_curl_set_write(handle, CURLOPT_HEADERFUNCTION, collect)
        _ = grapnel_curl_set_pointer(handle, CURLOPT_HEADERDATA, Unmanaged.passUnretained(head).toOpaque())
        let result = (body ?? []).withUnsafeBytes { bytes in
            if body != nil {
                _ = grapnel_curl_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
                _ = grapnel_curl_set_pointer(
                    handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            return withExtendedLifetime((content, head)) { curl_easy_perform(handle) }
        }
        guard result == CURLE_OK else { throw LocalHTTPError(String(cString: curl_easy_strerror(result))) }
        var status = 0
        _ = grapnel_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return Answer(status: status, headers: fields(of: head.bytes), body: content.bytes)
    }

    private static func fields(of head: [UInt8]) -> HeaderFields {
        var fields = HeaderFields()
        for line in head.split(separator: 0x0A) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...].filter { $0 != 0x0D }.drop { $0 == 0x20 }
            fields.append(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return fields
    }
}
