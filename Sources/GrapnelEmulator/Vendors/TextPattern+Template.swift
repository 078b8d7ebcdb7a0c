import GrapnelCore
import GrapnelFormat

extension TextPattern {
    /// The pattern of the texts that a template makes.
    init(_ template: Template) {
        self.init(
            template.parts.map { part in
                switch part {
                case .text(let text): .literal(text)
                case .placeholder(let placeholder): .hole(PatternHole(placeholder))
                }
            })
    }
}

extension PathPattern {
    /// The pattern of the paths that a template makes.
    init(_ template: Template) {
        var segments: [[TextPattern.Part]] = [[]]
        for part in template.parts {
            switch part {
            case .placeholder(let placeholder): segments[segments.count - 1].append(.hole(PatternHole(placeholder)))
            case .text(let text):
                let pieces = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                for (index, piece) in pieces.enumerated() {
                    if index > 0 { segments.append([]) }
                    if !piece.isEmpty { segments[segments.count - 1].append(.literal(piece)) }
                }
            }
        }
        self.segments = segments.filter { !$0.isEmpty }.map { TextPattern($0) }
    }
}

extension JSONPattern {
    /// The pattern of the values that a tree of templates makes.
    init(_ definition: JSON) {
        switch definition {
        case .string(let text):
            // The tree was read before; text that is no template stands for itself.
            let pattern = (try? Template(text)).map { TextPattern($0) }
            if let pattern, pattern.hasHole {
                self = .text(pattern)
            } else {
                let literals = pattern?.parts.compactMap { if case .literal(let text) = $0 { text } else { nil } }
                self = .literal(.string(literals?.joined() ?? text))
            }
        case .array(let elements): self = .array(elements.map { JSONPattern($0) })
        case .object(let object):
            self = .object(object.members.map { Member(key: $0.key, pattern: JSONPattern($0.value)) })
        default: self = .literal(definition)
        }
    }
}
