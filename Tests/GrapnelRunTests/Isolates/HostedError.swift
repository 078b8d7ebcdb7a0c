/// An outcome of another kind than the test is about.
struct HostedError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
