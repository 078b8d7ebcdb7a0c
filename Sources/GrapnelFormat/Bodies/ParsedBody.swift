package import GrapnelCore

/// `event.body` of a request: what its bytes mean by its content type.
package struct ParsedBody: Sendable, Hashable {
    /// How the value is to be stored and found again.
    package let kind: EventBodyKind
    /// The value; `nil` when there is none.
    package let json: JSON?
    /// The fields of a form, in order; `nil` when the body is no form.
    package let form: FormFields?
    /// Why a body that claims to be JSON, a form or XML could not be parsed; the request is an event all the same.
    package let parseError: String?

    private init(kind: EventBodyKind, json: JSON?, form: FormFields? = nil, parseError: String? = nil) {
        self.kind = kind
        self.json = json
        self.form = form
        self.parseError = parseError
    }

    /// No value.
    package static let absent = ParsedBody(kind: .absent, json: nil)

    /// Whether a body of this content type can be read: `false` for a character set that is not known.
    package static func isReadable(contentType: String?) -> Bool {
        guard let type = contentType.flatMap({ MediaType($0) }) else { return true }
        return Charset(named: type.parameter("charset")) != nil
    }

    /// What `raw` means: a value for JSON, forms and XML, `{ fields, files }` for multipart, text for `text/*`,
    /// nothing for an empty body or any other content type.
    package static func parse(raw: [UInt8], contentType: String?) -> ParsedBody {
        guard !raw.isEmpty, let type = contentType.flatMap({ MediaType($0) }) else { return .absent }
        guard let charset = Charset(named: type.parameter("charset")) else {
            return failed("the character set is not known")
        }
        if type.isMultipartForm { return multipart(raw, type) }
        let text = charset.utf8(raw)
        let isExact = charset == .utf8
        if type.isJSON {
            do throws(JSONParseError) {
                return ParsedBody(kind: isExact ? .json : .value, json: try JSONParser.parse(text))
            } catch {
                return failed(error.description)
            }
        }
        if type.isURLEncodedForm {
            guard !FormFields.isTooLong(text) else { return failed("more than \(FormFields.maximumCount) fields") }
            let form = FormFields(parsing: text)
            return ParsedBody(kind: .value, json: form.json, form: form)
        }
        if type.isXML {
            do throws(BodyError) {
                return ParsedBody(kind: .value, json: try XMLBody.parse(text))
            } catch {
                return failed(error.description)
            }
        }
        if type.type == "text" {
            return ParsedBody(kind: isExact ? .text : .value, json: .string(String(decoding: text, as: UTF8.self)))
        }
        return .absent
    }

    private static func failed(_ message: String) -> ParsedBody {
        ParsedBody(kind: .absent, json: nil, parseError: message)
    }

    private static func multipart(_ raw: [UInt8], _ type: MediaType) -> ParsedBody {
        guard let boundary = type.parameter("boundary") else { return failed("multipart without a boundary") }
        do throws(BodyError) {
            let body = try MultipartBody.parse(raw, boundary: boundary)
            return ParsedBody(kind: .value, json: body.json, form: body.fields)
        } catch {
            return failed(error.description)
        }
    }
}
