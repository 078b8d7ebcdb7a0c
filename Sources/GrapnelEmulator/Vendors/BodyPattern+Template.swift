import GrapnelCore
import GrapnelFormat

extension BodyPattern {
    /// The pattern of the bodies that a request template makes.
    init(_ body: RequestTemplate.Body) {
        switch body {
        case .none: self = .none
        case .json(let tree): self = .json(JSONPattern(tree.definition))
        case .form(let tree): self = .form(JSONPattern(tree.definition))
        case .text(let template), .raw(let template): self = .text(TextPattern(template))
        case .multipart, .xml: self = .opaque
        }
    }
}
