import CConnectors
import GrapnelRun

/// The files of `connectors/`: those of the hub directory, and those of the vendors that the program brings. A vendor's
/// folder in the hub directory stands in place of the one that the program brings, whole.
struct ConnectorFiles: SampleReading {
    /// Folder → path below it → bytes.
    private static let builtIn: [String: [String: [UInt8]]] = {
        var count = 0
        let files = UnsafeBufferPointer(start: grapnel_connector_files(&count), count: count)
        var folders: [String: [String: [UInt8]]] = [:]
        for file in files {
            let path = String(cString: file.path)
            guard let slash = path.firstIndex(of: "/") else { continue }
            let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
            folders[String(path[..<slash]), default: [:]][String(path[path.index(after: slash)...])] = bytes
        }
        return folders
    }()

    /// `<hub directory>/connectors`.
    let folder: String

    /// The names of all vendors, sorted.
    var vendors: [String] {
        let own = FileSystem.names(in: folder).filter { isOwn($0) }
        return Set(own).union(Self.builtIn.keys).sorted()
    }

    /// Whether the hub directory has a folder for a vendor.
    func isOwn(_ vendor: String) -> Bool { FileSystem.isDirectory("\(folder)/\(vendor)") }

    /// A text file of a vendor's folder, such as `provider.yaml`; `nil` when there is none.
    func text(_ file: String, of vendor: String) throws -> String? {
        guard isOwn(vendor) else { return Self.builtIn[vendor]?[file].map { String(decoding: $0, as: UTF8.self) } }
        let path = "\(folder)/\(vendor)/\(file)"
        return FileSystem.exists(path) ? try FileSystem.readText(path) : nil
    }

    /// How a file is called in messages.
    func place(of file: String, of vendor: String) -> String {
        "connectors/\(vendor)/\(file)" + (isOwn(vendor) ? "" : " (built in)")
    }

    func sampleNames(of provider: String) -> [String] {
        if isOwn(provider) { return FileSystem.names(in: "\(folder)/\(provider)/samples") }
        let prefix = "samples/"
        return (Self.builtIn[provider] ?? [:]).keys.filter { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func sample(_ file: String, of provider: String) -> [UInt8]? {
        if isOwn(provider) { return try? FileSystem.read("\(folder)/\(provider)/samples/\(file)") }
        return Self.builtIn[provider]?["samples/\(file)"]
    }
}
