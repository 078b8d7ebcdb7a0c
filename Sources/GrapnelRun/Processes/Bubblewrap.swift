import GrapnelCore

#if canImport(Glibc)
import Glibc
#endif

/// What a program is given of the machine when bubblewrap starts it: `/usr` and its recipe read-only, a `/tmp` of its
/// own, and nothing else.
package enum Bubblewrap {
    /// Where a recipe's files are in the sandbox.
    static let recipe = "/recipe"
    /// Where a program is that is of neither the recipe's folder nor `/usr`.
    static let program = "/program"

    /// Links or folders of the root that lead into `/usr`, by which programs and their loader are found.
    private static let roots = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]
    /// What programs of `/usr` need of `/etc`: names of the loader, of alternatives, of certificates.
    private static let settings = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/certs", "/etc/mime.types"]

    /// Settings of the whole machine, which belong to root: a hub that runs as root has programs that are root to the
    /// kernel, without its capabilities, and these ask for no more than that.
    private static let machine = ["/proc/sys", "/proc/acpi", "/proc/fs", "/proc/mtrr", "/proc/scsi"]

    /// The path of bubblewrap among the folders of `searchPath`; `nil` when it is not installed.
    package static func find(in searchPath: String) -> String? {
        searchPath.split(separator: ":").map { "\($0)/bwrap" }.first { access($0, X_OK) == 0 }
    }

    /// The arguments before the program's own.
    ///
    /// - Parameters:
    ///   - folder: The recipe's files.
    ///   - outside: A program that is of neither the recipe's folder nor `/usr`.
    static func arguments(folder: String, outside: String?, configuration: ProcessPoolConfiguration) -> [String] {
        var arguments = [
            "bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
            "--cap-drop", "ALL", "--hostname", "handler", "--uid", "65534", "--gid", "65534",
            "--ro-bind", "/usr", "/usr",
        ]
        for root in roots {
            if let target = link(root) {
                arguments += ["--symlink", target, root]
            } else {
                arguments += ["--ro-bind-try", root, root]
            }
        }
        for path in settings { arguments += ["--ro-bind-try", path, path] }
        arguments += ["--proc", "/proc"]
        for path in machine { arguments += ["--ro-bind-try", path, path] }
        arguments += [
            "--dev", "/dev", "--size", "\(configuration.temporary.bytes)", "--tmpfs", "/tmp",
            "--ro-bind", folder, recipe,
        ]
        if let outside { arguments += ["--ro-bind", outside, "\(program)/\(LocalFile.name(of: outside))"] }
        arguments += [
            // The root and /dev are of memory as well: what may be written to is /tmp alone, which has a size.
            "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", recipe, "--",
            // Counted in the sandbox's own user namespace, so only from inside.
            "/usr/bin/prlimit", "--nproc=\(configuration.processes):\(configuration.processes)", "--",
        ]
        return arguments
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
