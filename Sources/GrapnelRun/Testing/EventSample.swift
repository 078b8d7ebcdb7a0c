import GrapnelCore
import GrapnelFormat

/// A file of `connectors/<provider>/samples/`: the body that a vendor sends for one type of event.
struct EventSample {
    /// The content types of samples by the ending of their file's name.
    private static let contentTypes = [
        ("json", "application/json"), ("form", "application/x-www-form-urlencoded"),
        ("xml", "text/xml; charset=utf-8"), ("txt", "text/plain; charset=utf-8"),
    ]

    var provider: String
    var type: String
    var contentType: String
    var body: [UInt8]

    /// Finds a sample.
    ///
    /// - Parameters:
    ///   - name: `<provider>/<type>`.
    ///   - samples: Where it is looked up.
    /// - Throws: A message that says which there are.
    init(_ name: String, in samples: any SampleReading) throws(RecipeTestError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") }) else {
            throw RecipeTestError("event.sample: write <provider>/<type>, such as github/issues.opened, not \(name)")
        }
        provider = String(parts[0])
        type = String(parts[1])
        for (ending, contentType) in EventSample.contentTypes {
            guard let body = samples.sample("\(type).\(ending)", of: provider) else { continue }
            self.contentType = contentType
            self.body = body
            return
        }
        let known = samples.sampleNames(of: provider).map {
            $0.split(separator: ".").dropLast().joined(separator: ".")
        }
        let listing = known.isEmpty ? "there are none" : "there are \(Set(known).sorted().joined(separator: ", "))"
        throw RecipeTestError("event.sample: no sample \(type) in connectors/\(provider)/samples; \(listing)")
    }
}
