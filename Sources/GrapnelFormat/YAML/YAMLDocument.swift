package import GrapnelCore
import Yams

/// Reads one YAML document with the rules of `docs/formats.md`: the 1.2 core schema, no aliases, no anchors, no tags,
/// no merge keys, no repeated keys, bounded size and depth.
package enum YAMLDocument {
    /// The largest file. 1 MiB.
    package static let greatestSize = ByteCount.mebibytes(1)
    /// The deepest nesting.
    package static let greatestDepth = 64

    /// The root of the document in `text`.
    ///
    /// - Parameter file: The name of the file, for errors.
    package static func parse(_ text: String, file: String) throws(FormatErrors) -> YAMLNode {
        func failure(_ position: SourcePosition?, _ message: String, _ hint: String? = nil) -> FormatErrors {
            FormatErrors(FormatError(file: file, position: position, message: message, hint: hint))
        }
        guard text.utf8.count <= greatestSize.bytes else {
            throw failure(nil, "the file is larger than \(greatestSize)")
        }
        let root: Node?
        do {
            root = try YAMLComposer.compose(text)
        } catch let error as YamlError {
            throw failure(position(of: error), message(of: error))
        } catch {
            throw failure(nil, String(describing: error))
        }
        guard let root else { throw failure(nil, "the file is empty") }
        var errors: [FormatError] = []
        let node = convert(root, depth: 0, file: file, errors: &errors)
        guard errors.isEmpty else { throw FormatErrors(errors) }
        return node
    }

    private static func convert(_ node: Node, depth: Int, file: String, errors: inout [FormatError]) -> YAMLNode {
        let position =
            node.mark.map { SourcePosition(line: $0.line, column: $0.column) }
            ?? SourcePosition(line: 1, column: 1)
        func complain(_ message: String, _ hint: String? = nil) {
            errors.append(FormatError(file: file, position: position, message: message, hint: hint))
        }
        guard depth < greatestDepth else {
            complain("nested deeper than \(greatestDepth)")
            return YAMLNode(content: .scalar(.null), position: position)
        }
        if node.anchor != nil { complain("anchors and aliases are not allowed", "write the value again") }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(ScalarResolution.value(of: scalar)), position: position)
        case .sequence(let sequence):
            let nodes = sequence.map { convert($0, depth: depth + 1, file: file, errors: &errors) }
            return YAMLNode(content: .sequence(nodes), position: position)
        case .mapping(let mapping):
            var entries: [YAMLNode.Entry] = []
            for (key, value) in mapping {
                let keyPosition = key.mark.map { SourcePosition(line: $0.line, column: $0.column) } ?? position
                guard case .scalar(let scalar) = key else {
                    errors.append(FormatError(file: file, position: keyPosition, message: "a key must be a text"))
                    continue
                }
                if scalar.string == "<<" {
                    errors.append(
                        FormatError(
                            file: file, position: keyPosition, message: "merge keys are not allowed",
                            hint: "write the keys again"))
                    continue
                }
                if entries.contains(where: { $0.key == scalar.string }) {
                    errors.append(
                        FormatError(
                            file: file, position: keyPosition, message: "the key \"\(scalar.string)\" is there twice"))
                    continue
                }
                let child = convert(value, depth: depth + 1, file: file, errors: &errors)
                entries.append(YAMLNode.Entry(key: scalar.string, position: keyPosition, value: child))
            }
            return YAMLNode(content: .mapping(entries), position: position)
        case .alias:
            complain("anchors and aliases are not allowed", "write the value again")
            return YAMLNode(content: .scalar(.null), position: position)
        }
    }

    private static func position(of error: YamlError) -> SourcePosition? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            SourcePosition(line: mark.line, column: mark.column)
        case .duplicatedKeysInMapping(_, let context):
            SourcePosition(line: context.mark.line, column: context.mark.column)
        default: nil
        }
    }

    private static func message(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            "this is not YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, _):
            "the key \"\(duplicates.sorted().first ?? "")\" is there twice"
        default: "this is not YAML"
        }
    }
}
