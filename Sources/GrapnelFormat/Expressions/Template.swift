package import GrapnelCore

/// A text with placeholders: `v0:{timestamp}:{raw}`, `/contacts/{input.id}`, `{body.labels.*.name | join:', '}`.
///
/// `{path | filter | filter:'argument'}` is a placeholder, `{{` is a brace. There is no logic, and no loop.
package struct Template: Sendable, Hashable {
    /// One part of the text.
    package enum Part: Sendable, Hashable {
        case text(String)
        case placeholder(Placeholder)
    }

    /// What a path that leads nowhere does to a text of several parts. A template of one placeholder is simply absent.
    package enum AbsenceRule: Sendable, Hashable {
        /// It is an error that names the path.
        case fails
        /// The whole text is absent: for ids.
        case wholeIsAbsent
        /// A last part that is absent drops the dot before it, any other makes the whole absent: for event types.
        case dropsLastDot
    }

    /// The longest template that is read, in bytes.
    package static let maximumCount = 65_536

    /// The template as it was written.
    package let source: String
    /// Its parts, no text empty and no two texts side by side.
    package let parts: [Part]
    package private(set) var absence: AbsenceRule
    /// What is used, in order, where this template is absent.
    package private(set) var alternatives: [Template] = []

    /// The template that `text` spells; throws `malformed` with the offset of what is wrong.
    package init(_ text: String, absence: AbsenceRule = .fails) throws(ExpressionError) {
        guard text.utf8.count <= Template.maximumCount else {
            throw ExpressionError(
                .malformed, "a template of more than \(Template.maximumCount) bytes", expression: "")
        }
        source = text
        self.absence = absence
        var parser = ExpressionParser(text)
        var parts: [Part] = []
        var literal: [UInt8] = []
        while !parser.isAtEnd {
            while parser.takeLiteral(into: &literal) {}
            if !literal.isEmpty {
                parts.append(.text(String(decoding: literal, as: UTF8.self)))
                literal = []
            }
            if !parser.isAtEnd { parts.append(.placeholder(try Placeholder(&parser))) }
        }
        self.parts = parts
    }

    /// The first of `texts` that is not absent: for ids and types that stand in different places of different requests.
    /// `nil` for no texts; throws `malformed` with the index of the text.
    ///
    /// Among several, a text with one placeholder never drops its dot: what is left of it would hide the next one.
    package init?(firstOf texts: [String], absence: AbsenceRule) throws(ExpressionError) {
        var templates: [Template] = []
        for (index, text) in texts.enumerated() {
            do throws(ExpressionError) {
                var template = try Template(text, absence: absence)
                if texts.count > 1, absence == .dropsLastDot, template.placeholders.count < 2 {
                    template.absence = .wholeIsAbsent
                }
                templates.append(template)
            } catch {
                throw texts.count == 1 ? error : error.inside(String(index))
            }
        }
        guard let first = templates.first else { return nil }
        self = first
        alternatives = Array(templates.dropFirst())
    }

    /// The placeholder that is the whole template, whose value then keeps its type.
    package var singlePlaceholder: Placeholder? {
        guard parts.count == 1, alternatives.isEmpty, case .placeholder(let placeholder) = parts[0] else { return nil }
        return placeholder
    }

    /// Every placeholder, in order.
    package var placeholders: [Placeholder] {
        let own = parts.compactMap { part -> Placeholder? in
            guard case .placeholder(let placeholder) = part else { return nil }
            return placeholder
        }
        return own + alternatives.flatMap(\.placeholders)
    }

    /// The value in `scope`: of any type for a single placeholder in a JSON place, else text escaped for `place`.
    ///
    /// `nil` when a single placeholder is absent, or as `absence` says; throws `absent` or `unsuitable`.
    package func value(in scope: some ValueScope, for place: TemplatePlace) throws(ExpressionError) -> JSON? {
        guard place == .json, let placeholder = singlePlaceholder else {
            return try text(in: scope, for: place).map { .string($0) }
        }
        return try placeholder.value(in: scope, template: self)?.json
    }

    /// The text in `scope`, every placeholder escaped for `place`; a null counts as absent.
    ///
    /// `nil` when a single placeholder is absent, or as `absence` says; throws `absent` or `unsuitable`.
    package func text(in scope: some ValueScope, for place: TemplatePlace) throws(ExpressionError) -> String? {
        if let text = try ownText(in: scope, for: place) { return text }
        for alternative in alternatives {
            if let text = try alternative.ownText(in: scope, for: place) { return text }
        }
        return nil
    }

    private func ownText(in scope: some ValueScope, for place: TemplatePlace) throws(ExpressionError) -> String? {
        if parts.count == 1, case .placeholder(let placeholder) = parts[0] {
            guard let text = try placeholder.value(in: scope, template: self)?.text else { return nil }
            return try place.escape(text, of: placeholder, in: self)
        }
        var result = ""
        for (index, part) in parts.enumerated() {
            switch part {
            case .text(let text): result += text
            case .placeholder(let placeholder):
                if let text = try placeholder.value(in: scope, template: self)?.text {
                    result += try place.escape(text, of: placeholder, in: self)
                    continue
                }
                switch absence {
                case .fails: throw placeholder.absent(in: self)
                case .wholeIsAbsent: return nil
                case .dropsLastDot:
                    guard index == parts.count - 1, result.utf8.count > 1, result.last == "." else { return nil }
                    result.removeLast()
                }
            }
        }
        return result
    }

    /// The bytes in `scope`, nothing escaped: what is signed. Any absent part throws `absent`.
    package func bytes(in scope: some ValueScope) throws(ExpressionError) -> [UInt8] {
        if let placeholder = singlePlaceholder {
            guard let bytes = try placeholder.value(in: scope, template: self)?.bytes else {
                throw placeholder.absent(in: self)
            }
            return bytes
        }
        var result: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let text): result.append(contentsOf: text.utf8)
            case .placeholder(let placeholder):
                guard let bytes = try placeholder.value(in: scope, template: self)?.bytes else {
                    throw placeholder.absent(in: self)
                }
                result.append(contentsOf: bytes)
            }
        }
        return result
    }
}
