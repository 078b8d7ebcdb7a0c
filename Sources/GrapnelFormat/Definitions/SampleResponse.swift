package import GrapnelCore

/// `sample:` of an operation: what the vendor answers, for emulators, tests and docs.
package struct SampleResponse: Sendable, Hashable {
    package var status: Int
    package var headers: [String: String]
    /// A JSON body.
    package var json: JSON?
    /// A text body, when there is no JSON.
    package var text: String?

    package init(status: Int = 200, headers: [String: String] = [:], json: JSON? = nil, text: String? = nil) {
        self.status = status
        self.headers = headers
        self.json = json
        self.text = text
    }
}
