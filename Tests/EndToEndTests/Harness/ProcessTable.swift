import TestSupport

/// What the system says of processes.
enum ProcessTable {
    /// The processes that `parent` started under a name.
    static func children(of parent: Int32, named name: String) -> [Int32] {
        names(in: "/proc").compactMap { Int32($0) }.filter { process in
            // `1234 (name) S 1 …`: the name may hold spaces, so the parent is looked for behind it.
            let status = text("/proc/\(process)/stat")
            guard let open = status.firstIndex(of: "("), let close = status.lastIndex(of: ")") else { return false }
            let fields = status[close...].split(separator: " ")
            return status[status.index(after: open)..<close] == name && fields.count > 2
                && fields[2] == String(parent)
        }
    }

    /// How many threads a process has.
    static func threads(of process: Int32) -> Int {
        names(in: "/proc/\(process)/task").count
    }

    /// The numbers of the files that a process has open.
    static func files(of process: Int32) -> [Int] {
        names(in: "/proc/\(process)/fd").compactMap { Int($0) }
    }

    // The checkout reads files by their path from its top folder; these are from the root.
    private static let root = String(repeating: "../", count: 64)

    private static func names(in folder: String) -> [String] {
        Checkout.names(in: root + folder.dropFirst()).filter { Int32($0) != nil }
    }

    private static func text(_ path: String) -> String { Checkout.text(root + path.dropFirst()) }
}
