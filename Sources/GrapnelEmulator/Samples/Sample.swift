/// A body that a vendor sends for one type of event: a file of `connectors/<vendor>/samples/`.
package struct Sample: Sendable, Hashable {
    /// How a sample's body is written, by the ending of its file's name.
    package enum Format: String, Sendable, CaseIterable {
        case json
        /// `application/x-www-form-urlencoded`, as it is sent.
        case form
        case xml
        /// Any other text.
        case text = "txt"

        /// The content type that goes with it.
        package var contentType: String {
            switch self {
            case .json: "application/json"
            case .form: "application/x-www-form-urlencoded"
            case .xml: "text/xml; charset=utf-8"
            case .text: "text/plain; charset=utf-8"
            }
        }
    }

    /// The event's type, such as `issues.opened`.
    package var type: String
    package var format: Format
    package var body: [UInt8]

    package init(type: String, format: Format, body: [UInt8]) {
        self.type = type
        self.format = format
        self.body = body
    }

    /// The sample in a file; `nil` when its name is none of a sample's, such as `README.md`.
    ///
    /// - Parameter fileName: The type and the format with a dot between them, such as `issues.opened.json`.
    package init?(fileName: String, body: [UInt8]) {
        guard let dot = fileName.lastIndex(of: "."), dot != fileName.startIndex,
            let format = Format(rawValue: String(fileName[fileName.index(after: dot)...]))
        else { return nil }
        self.init(type: String(fileName[..<dot]), format: format, body: body)
    }
}
