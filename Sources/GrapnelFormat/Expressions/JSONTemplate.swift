package import GrapnelCore

/// A tree of objects and lists whose texts are templates: the `json:` of a request, the `output:` of an answer.
package struct JSONTemplate: Sendable, Hashable {
    private indirect enum Node: Sendable, Hashable {
        case constant(JSON)
        case template(Template)
        case list([Node])
        case object([Member])
    }

    private struct Member: Sendable, Hashable {
        let key: String
        let node: Node
    }

    /// The deepest tree that is read.
    package static let maximumDepth = 64

    /// The tree as it was written.
    package let definition: JSON
    private let root: Node
    /// Every template in the tree, in the order of the text.
    package let templates: [Template]

    /// The tree that `definition` describes; throws `malformed` with the place of what is wrong.
    package init(_ definition: JSON) throws(ExpressionError) {
        var templates: [Template] = []
        self.definition = definition
        root = try JSONTemplate.node(definition, depth: 0, templates: &templates)
        self.templates = templates
    }

    /// The tree in `scope`. Members and elements that are absent are left out; an absent root is null.
    /// Throws `absent` or `unsuitable` with the place.
    package func render(in scope: some ValueScope) throws(ExpressionError) -> JSON {
        try JSONTemplate.value(root, in: scope) ?? .null
    }

    /// The paths that lead nowhere in `scope`, and whose members `render` leaves out.
    package func absences(in scope: some ValueScope) -> [String] {
        templates.compactMap { template in
            guard let placeholder = template.singlePlaceholder,
                (try? template.value(in: scope, for: .json)) == nil
            else { return nil }
            return placeholder.path.description
        }
    }

    private static func node(
        _ definition: JSON, depth: Int, templates: inout [Template]
    ) throws(ExpressionError) -> Node {
        guard depth <= maximumDepth else {
            throw ExpressionError(.malformed, "nested deeper than \(maximumDepth)", expression: "")
        }
        switch definition {
        case .string(let text):
            let template = try Template(text)
            switch template.parts.first {
            case nil: return .constant(definition)
            case .text(let literal) where template.parts.count == 1: return .constant(.string(literal))
            default:
                templates.append(template)
                return .template(template)
            }
        case .array(let elements):
            var nodes: [Node] = []
            for (index, element) in elements.enumerated() {
                do throws(ExpressionError) {
                    nodes.append(try node(element, depth: depth + 1, templates: &templates))
                } catch {
                    throw error.inside(String(index))
                }
            }
            return .list(nodes)
        case .object(let object):
            var members: [Member] = []
            for member in object.members {
                do throws(ExpressionError) {
                    let node = try node(member.value, depth: depth + 1, templates: &templates)
                    members.append(Member(key: member.key, node: node))
                } catch {
                    throw error.inside(member.key)
                }
            }
            return .object(members)
        default: return .constant(definition)
        }
    }

    private static func value(_ node: Node, in scope: some ValueScope) throws(ExpressionError) -> JSON? {
        switch node {
        case .constant(let value): return value
        case .template(let template): return try template.value(in: scope, for: .json)
        case .list(let nodes):
            var elements: [JSON] = []
            for (index, node) in nodes.enumerated() {
                do throws(ExpressionError) {
                    if let element = try value(node, in: scope) { elements.append(element) }
                } catch {
                    throw error.inside(String(index))
                }
            }
            return .array(elements)
        case .object(let members):
            var object = JSONObject()
            for member in members {
                do throws(ExpressionError) {
                    if let value = try value(member.node, in: scope) { object.append(member.key, value) }
                } catch {
                    throw error.inside(member.key)
                }
            }
            return .object(object)
        }
    }
}
