/// A hub directory that cannot be run: everything that is wrong with it.
struct HubRefusal: Error, CustomStringConvertible {
    /// At least one; each says where and what to do.
    let problems: [String]

    var description: String { problems.joined(separator: "\n") }
}
