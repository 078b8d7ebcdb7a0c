import Glibc

/// Why a program cannot be started, with what to do.
package struct ProcessRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// Whether its file was still open for writing (`ETXTBSY`): it may be started in a moment.
    let isTextBusy: Bool

    /// Whether the hub had no file, process or memory to spare: that says nothing of the program.
    let isShortage: Bool

    /// - Parameter code: What the system said (`errno`).
    init(_ description: String, code: Int32 = 0) {
        self.description = description
        isTextBusy = code == ETXTBSY
        isShortage = [EMFILE, ENFILE, EAGAIN, ENOMEM].contains(code)
    }
}
