import GrapnelCore
import GrapnelFormat

/// The body of a request, rendered from its template.
struct OperationBody {
    let bytes: [UInt8]
    /// What it is, unless the request's headers say otherwise; `nil` when they must.
    let contentType: String?

    /// - Parameters:
    ///   - template: The body of the operation.
    ///   - scope: The roots of its templates.
    ///   - boundary: What separates the parts of a multipart body; the same for every sending of an effect.
    init(
        _ template: RequestTemplate.Body, in scope: some ValueScope, boundary: String
    ) throws(ExpressionError) {
        switch template {
        case .none:
            (bytes, contentType) = ([], nil)
        case .json(let tree):
            (bytes, contentType) = (JSONWriter.bytes(try tree.render(in: scope)), "application/json")
        case .form(let tree):
            let pairs = OperationBody.pairs(try tree.render(in: scope))
            (bytes, contentType) = (
                Array(
                    FormFields(pairs.map { FormFields.Field(name: $0.name, value: OperationBody.text($0.value)) })
                        .encoded.utf8), "application/x-www-form-urlencoded"
            )
        case .multipart(let tree):
            let pairs = OperationBody.pairs(try tree.render(in: scope))
            (bytes, contentType) = (
                OperationBody.multipart(pairs, boundary: boundary), "multipart/form-data; boundary=\(boundary)"
            )
        case .xml(let template):
            let text = try template.text(in: scope, for: .xml)
            (bytes, contentType) = (Array((text ?? "").utf8), "application/xml; charset=utf-8")
        case .text(let template):
            let text = try template.text(in: scope, for: .text)
            (bytes, contentType) = (Array((text ?? "").utf8), "text/plain; charset=utf-8")
        case .raw(let template):
            let text = try template.text(in: scope, for: .text)
            (bytes, contentType) = (Array((text ?? "").utf8), nil)
        }
    }

    /// A value as text: a text as it is, anything else as JSON.
    static func text(_ value: JSON) -> String {
        if case .string(let text) = value { return text }
        return JSONWriter.text(value)
    }

    /// The members of an object, a list repeating its name, a null left out.
    private static func pairs(_ value: JSON) -> [(name: String, value: JSON)] {
        (value.object?.members ?? []).flatMap { member -> [(name: String, value: JSON)] in
            switch member.value {
            case .null: []
            case .array(let elements): elements.map { (member.key, $0) }
            default: [(member.key, member.value)]
            }
        }
    }

    /// RFC 7578. A part that is an object with `filename` and `content` is a file of text.
    private static func multipart(_ pairs: [(name: String, value: JSON)], boundary: String) -> [UInt8] {
        var text = ""
        for (name, value) in pairs {
            text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(quoted(name))\""
            if let filename = value["filename"]?.string, let content = value["content"] {
                text += "; filename=\"\(quoted(filename))\"\r\nContent-Type: "
                text += quoted(value["type"]?.string ?? "application/octet-stream")
                text += "\r\n\r\n\(OperationBody.text(content))\r\n"
            } else {
                text += "\r\n\r\n\(OperationBody.text(value))\r\n"
            }
        }
        return Array((text + "--\(boundary)--\r\n").utf8)
    }

    /// A parameter's value as browsers write it (WHATWG HTML, multipart/form-data encoding).
    private static func quoted(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\"": result += "%22"
            case "\r", "\n", "\r\n": result += "%0D%0A"
            default: result.append(character)
            }
        }
    }
}
