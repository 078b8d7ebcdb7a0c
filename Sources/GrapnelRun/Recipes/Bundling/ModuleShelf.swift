/// The modules that a handler can import without having them in its folder. A package that the recipe has in a
/// `node_modules` of its own goes before, but for Node's own modules.
enum ModuleShelf {
    /// Modules of Node that the prelude has (`Sources/CPrelude/source/modules.js`).
    static let builtIn = [
        "assert", "buffer", "crypto", "events", "http", "https", "path", "process", "querystring", "string_decoder",
        "timers", "url", "util",
    ]
    /// Packages that the prelude has in a form of its own, over `fetch`.
    static let clients = [
        "axios", "jsonwebtoken", "node-fetch", "request", "request-promise", "request-promise-native", "twilio",
    ]
    /// Packages that are bundled from Debian's, named `node-<module>`.
    static let packaged = ["lodash", "moment", "uuid"]
    /// Where Debian keeps them.
    static let packagedFolder = "/usr/share/nodejs"

    /// Where Debian's packages have their files, some of them by links.
    static let packagedFolders = [packagedFolder, "/usr/share/javascript"]

    /// What esbuild is told: which names are left to the prelude, and where the others are.
    ///
    /// - Parameters:
    ///   - folder: The absolute path of the recipe's folder.
    ///   - text: The handler's text. Older platforms name a module with its version (`require('lodash@4.17.10')`),
    ///     and have one version of each all the same.
    static func arguments(folder: String, text: String) -> [String] {
        var arguments = builtIn.flatMap { ["--external:\($0)", "--external:node:\($0)"] }
        for name in clients where !isInstalled(name, in: folder) {
            arguments += ["--external:\(name)", "--external:\(name)@*"]
        }
        for name in packaged where !isInstalled(name, in: folder) && LocalFile.isFolder("\(packagedFolder)/\(name)") {
            for spelling in [name] + versioned(name, in: text) {
                arguments.append("--alias:\(spelling)=\(packagedFolder)/\(name)")
            }
        }
        return arguments
    }

    /// Whether the recipe's folder, or one above it, has the package.
    private static func isInstalled(_ name: String, in folder: String) -> Bool {
        var place = folder
        while !place.isEmpty {
            if LocalFile.isFolder("\(place)/node_modules/\(name)") { return true }
            if place == "/" { break }
            place = LocalFile.parent(of: place)
        }
        return false
    }

    /// The names with a version, such as `lodash@4.17.10`, that stand in quotes in the text.
    private static func versioned(_ name: String, in text: String) -> [String] {
        var found: Set<String> = []
        var rest = text[...]
        while let start = rest.firstRange(of: "\(name)@") {
            let version = rest[start.upperBound...].prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-")
            }
            let isQuoted = rest[..<start.lowerBound].last.map { "'\"`".contains($0) } ?? false
            if isQuoted, !version.isEmpty { found.insert("\(name)@\(version)") }
            rest = rest[start.upperBound...]
        }
        return found.sorted()
    }
}
