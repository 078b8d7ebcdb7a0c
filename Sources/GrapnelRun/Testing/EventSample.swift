import GrapnelCore
import GrapnelFormat

/// A file of `connectors/<provider>/samples/`: the body that a vendor sends for one type of event.
struct EventSample {
    /// The content types of samples by the ending of their file's name.
    private static let contentTypes = [
        ("json", "application/json"), ("form", "application/x-www-form-urlencoded"),
        ("xml", "text/xml; charset=utf-8"), ("txt", "text/plain; charset=utf-8"),
    ]
    /// The largest sample. 1 MiB.
    private static let largest = ByteCount.mebibytes(1)

    var provider: String
    var type: String
    var contentType: String
    var body: [UInt8]

    /// Finds a sample.
    ///
    /// - Parameters:
    ///   - name: `<provider>/<type>`.
    ///   - folders: The `connectors` folders, the hub's own first.
    /// - Throws: A message that says where was looked.
    init(_ name: String, in folders: [String]) throws(RecipeTestError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts.contains(where: { $0.isEmpty || $0.hasPrefix(".") }) else {
            throw RecipeTestError("event.sample: write <provider>/<type>, such as github/issues.opened, not \(name)")
        }
        provider = String(parts[0])
        type = String(parts[1])
        for folder in folders {
            for (ending, contentType) in EventSample.contentTypes {
                let path = "\(folder)/\(provider)/samples/\(type).\(ending)"
                guard let body = try? LocalFile.read(path, limit: EventSample.largest.bytes) else { continue }
                self.contentType = contentType
                self.body = body
                return
            }
        }
        let known = folders.flatMap { folder in
            ((try? LocalFile.names(in: "\(folder)/\(parts[0])/samples")) ?? [])
                .map { $0.split(separator: ".").dropLast().joined(separator: ".") }
        }
        let listing = known.isEmpty ? "there are none" : "there are \(Set(known).sorted().joined(separator: ", "))"
        throw RecipeTestError("event.sample: no sample \(type) in connectors/\(provider)/samples; \(listing)")
    }
}
