import GrapnelCore

/// Tells the paths of a source map, which are relative to where the bundle was written, relative to the recipe's
/// folder: so that people read `handler.ts`, and the map does not change with a temporary folder's name.
struct BundlePaths {
    /// The absolute path of the recipe's folder.
    var folder: String
    /// The absolute path of the folder that the bundle was written to.
    var output: String
    /// The absolute path of `recipes/_shared`; `nil` when there is none.
    var shared: String?

    /// The map with its sources told anew; the same bytes when it cannot be read.
    ///
    /// - Parameter rule: The file that was given with `RuleSource.prefix` on its first line.
    func relative(sourceMap bytes: [UInt8], ofRule rule: String? = nil) -> [UInt8] {
        guard case .object(var map)? = try? JSONParser.parse(bytes), let sources = map["sources"]?.array else {
            return bytes
        }
        map["sources"] = .array(sources.map { .string(relative($0.string ?? "")) })
        if let rule { map[SourceMap.prefixedKey] = .string(rule) }
        return JSONWriter.bytes(.object(map))
    }

    /// The path of a source, relative to the recipe's folder when it is in it; that of shared code as it is imported.
    func relative(_ source: String) -> String {
        let absolute = BundlePaths.normalized(source.hasPrefix("/") ? source : "\(output)/\(source)")
        let prefix = folder.hasSuffix("/") ? folder : "\(folder)/"
        if absolute.hasPrefix(prefix) { return String(absolute.dropFirst(prefix.count)) }
        if let shared, absolute.hasPrefix("\(shared)/") {
            return RecipeFolder.sharedName + absolute.dropFirst(shared.count)
        }
        return absolute
    }

    /// The absolute path without `.` and `..`.
    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
