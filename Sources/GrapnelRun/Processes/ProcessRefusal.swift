/// Why a program cannot be started, with what to do.
package struct ProcessRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// Whether its file was still open for writing (`ETXTBSY`): it may be started in a moment.
    let isTextBusy: Bool

    init(_ description: String, isTextBusy: Bool = false) {
        self.description = description
        self.isTextBusy = isTextBusy
    }
}
