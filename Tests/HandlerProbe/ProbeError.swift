/// An error of a handler's own.
struct ProbeError: Error, CustomStringConvertible {
    let act: String

    var description: String { "nothing to do for \(act)" }
}
