/// What an `Identifier` can be of.
package protocol IdentifiedSubject {
    /// The letters before the underscore in the text form, such as `evt`.
    static var identifierPrefix: String { get }
}
