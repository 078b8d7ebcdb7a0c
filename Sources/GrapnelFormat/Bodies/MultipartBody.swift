import GrapnelCore
import GrapnelCrypto

/// A form with files (`multipart/form-data`, RFC 7578).
struct MultipartBody: Sendable, Hashable {
    /// One part that came with a file name.
    struct File: Sendable, Hashable {
        let field: String
        let name: String
        let contentType: String?
        let bytes: [UInt8]
    }

    /// The most parts that are read.
    static let maximumParts = 1000
    /// The most bytes that the headers of one part may have.
    static let maximumHeaderBytes = 16_384
    /// The longest boundary (RFC 2046 §5.1.1).
    static let maximumBoundaryBytes = 70

    private(set) var fields = FormFields()
    private(set) var files: [File] = []

    /// `{ fields, files }`; a file is `{ field, name, content_type, size, base64 }`.
    var json: JSON {
        let list = files.map { file in
            JSON.object(
                JSONObject([
                    ("field", .string(file.field)), ("name", .string(file.name)),
                    ("content_type", file.contentType.map { .string($0) } ?? .null),
                    ("size", .integer(Int64(file.bytes.count))), ("base64", .string(Base64.encode(file.bytes))),
                ]))
        }
        return .object(JSONObject([("fields", fields.json), ("files", .array(list))]))
    }

    /// The parts that `bytes` hold between lines of `boundary`.
    static func parse(_ bytes: [UInt8], boundary: String) throws(BodyError) -> MultipartBody {
        guard !boundary.isEmpty, boundary.utf8.count <= maximumBoundaryBytes else {
            throw BodyError(message: "a boundary of 1 to \(maximumBoundaryBytes) bytes is needed", offset: 0)
        }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        var body = MultipartBody()
        var parts: [FormFields.Field] = []
        guard var position = start(of: bytes, delimiter) else {
            throw BodyError(message: "the boundary is missing", offset: 0)
        }
        var count = 0
        while true {
            if bytes[position...].starts(with: "--".utf8) { break }
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
            guard bytes[position...].starts(with: "\r\n".utf8) else {
                throw BodyError(message: "expected a line end after the boundary", offset: position)
            }
            count += 1
            guard count <= maximumParts else {
                throw BodyError(message: "more than \(maximumParts) parts", offset: position)
            }
            let headers = try partHeaders(bytes, &position)
            guard let end = range(of: delimiter, in: bytes, from: position) else {
                throw BodyError(message: "a part that does not end", offset: position)
            }
            // The line end before the boundary belongs to it, also where an empty part has none of its own.
            let content = Array(bytes[min(position + 2, end)..<end])
            try body.append(content, headers, at: position, to: &parts)
            position = end + delimiter.count
        }
        body.fields = FormFields(parts)
        return body
    }

    private mutating func append(
        _ content: [UInt8], _ headers: HeaderFields, at offset: Int, to parts: inout [FormFields.Field]
    ) throws(BodyError) {
        let pieces = MediaType.split(Array((headers.first("Content-Disposition") ?? "").utf8))
        func parameter(_ name: String) -> String? {
            for piece in pieces.dropFirst() {
                guard let equals = piece.firstIndex(of: UInt8(ascii: "=")),
                    MediaType.lower(piece[..<equals]) == name
                else { continue }
                return MediaType.unquoted(piece[(equals + 1)...])
            }
            return nil
        }
        guard let field = parameter("name") else {
            throw BodyError(message: "a part without a name", offset: offset)
        }
        if let name = parameter("filename") {
            files.append(
                File(field: field, name: name, contentType: headers.first("Content-Type"), bytes: content))
        } else {
            parts.append(FormFields.Field(name: field, value: String(decoding: content, as: UTF8.self)))
        }
    }

    /// After the first boundary, which has no line end before it when it opens the body.
    private static func start(of bytes: [UInt8], _ delimiter: [UInt8]) -> Int? {
        if bytes.starts(with: delimiter.dropFirst(2)) { return delimiter.count - 2 }
        return range(of: delimiter, in: bytes, from: 0).map { $0 + delimiter.count }
    }

    /// Reads header lines; `position` goes from the line end before them to the line end of the empty line.
    private static func partHeaders(_ bytes: [UInt8], _ position: inout Int) throws(BodyError) -> HeaderFields {
        var headers = HeaderFields()
        let start = position
        while true {
            let lineStart = position + 2
            guard let lineEnd = range(of: [0x0D, 0x0A], in: bytes, from: lineStart),
                lineEnd - start <= maximumHeaderBytes
            else {
                throw BodyError(message: "the headers of a part do not end", offset: start)
            }
            position = lineEnd
            if lineEnd == lineStart { return headers }
            let line = bytes[lineStart..<lineEnd]
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                throw BodyError(message: "a header without a colon", offset: lineStart)
            }
            headers.append(
                String(decoding: line[..<colon], as: UTF8.self),
                String(decoding: MediaType.trimmed(line[(colon + 1)...]), as: UTF8.self))
        }
    }

    private static func range(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        var index = start
        while index <= bytes.count - pattern.count {
            if bytes[index] == pattern[0], bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
                return index
            }
            index += 1
        }
        return nil
    }
}
