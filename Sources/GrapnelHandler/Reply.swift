#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An HTTP message: what a handler answers a vendor, or what a `fetch` was answered.
public struct Reply: Codable, Sendable {
    public var status: Int
    /// Names and values, in order.
    public var headers: [[String]]
    public var body: Data

    public init(status: Int = 200, headers: [[String]] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A reply of text.
    public init(status: Int = 200, type: String = "text/plain; charset=utf-8", text: String) {
        self.init(status: status, headers: [["content-type", type]], body: Data(text.utf8))
    }

    private enum CodingKeys: String, CodingKey {
        case status, headers
        case body = "base64"
    }
}
