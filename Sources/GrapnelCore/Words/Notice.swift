/// Something that the hub tells its operator.
package struct Notice: Sendable, Hashable {
    package var kind: NoticeKind
    /// What it is about: a recipe, a connection, a version, a source. Notices of one kind and subject are one for a
    /// while.
    package var subject: String
    /// For a person: what happened, in a line.
    package var message: String
    /// What a template may want of it, such as the run and the error.
    package var details: JSON

    package init(kind: NoticeKind, subject: String, message: String, details: JSON = .object(JSONObject())) {
        self.kind = kind
        self.subject = subject
        self.message = message
        self.details = details
    }
}
