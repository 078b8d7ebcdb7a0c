/// Why a body is not what its content type says.
struct BodyError: Error, Sendable, Equatable {
    /// What is wrong, for a person.
    let message: String
    /// The byte offset at which it was noticed.
    let offset: Int

    var description: String { "\(message) at byte \(offset)" }
}
