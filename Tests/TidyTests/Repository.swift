import TestSupport

/// The files of this repository, as the tests of its tidiness see them.
enum Repository {
    /// The names in the top folder.
    static var topLevel: [String] { Checkout.names(in: "") }

    /// The folders that hold what people wrote.
    static let folders = ["Sources", "Tests", "connectors", "recipes", "docs"]

    /// Every file below `folder` (a path from the top folder), without hidden and installed ones, in order.
    static func files(in folder: String, named suffixes: [String]) -> [RepositoryFile] {
        Checkout.names(in: folder).flatMap { name -> [RepositoryFile] in
            let path = "\(folder)/\(name)"
            guard !name.hasPrefix("."), name != "node_modules" else { return [] }
            if Checkout.isFolder(path) { return files(in: path, named: suffixes) }
            return suffixes.contains { name.hasSuffix($0) } ? [RepositoryFile(path: path)] : []
        }
    }

    /// The files of every folder and of the top one.
    static func everything(named suffixes: [String]) -> [RepositoryFile] {
        let top = topLevel.filter { name in
            !Checkout.isFolder(name) && suffixes.contains { name.hasSuffix($0) }
        }
        return top.map { RepositoryFile(path: $0) } + folders.flatMap { files(in: $0, named: suffixes) }
    }
}
