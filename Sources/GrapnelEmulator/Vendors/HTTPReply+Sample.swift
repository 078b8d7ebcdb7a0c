import GrapnelCore
import GrapnelFormat

extension HTTPReply {
    /// The answer that a sample describes.
    init(_ sample: SampleResponse) {
        var headers = HeaderFields(sample.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        var body: [UInt8] = []
        var type: String?
        if let json = sample.json {
            body = JSONWriter.bytes(json)
            type = "application/json"
        } else if let text = sample.text {
            body = Array(text.utf8)
            type = text.hasPrefix("<") ? "application/xml" : "text/plain; charset=utf-8"
        }
        if let type, headers.first("Content-Type") == nil { headers.append("Content-Type", type) }
        self.init(status: sample.status, headers: headers, body: body)
    }
}
