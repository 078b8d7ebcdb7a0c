package import GrapnelCore

/// A complete HTTP answer.
package struct EgressResponse: Sendable, Hashable {
    package var status: Int
    /// The head as it came, without the status line. Kept raw, because most answers are judged by status and body alone.
    package var head: [UInt8]
    /// The body, decoded from its content coding.
    package var body: [UInt8]

    package init(status: Int, head: [UInt8] = [], body: [UInt8] = []) {
        self.status = status
        self.head = head
        self.body = body
    }

    package init(status: Int, headers: HeaderFields, body: [UInt8] = []) {
        self.init(status: status, head: headers.encoded, body: body)
    }

    /// The fields of the head.
    package var headers: HeaderFields {
        var fields = HeaderFields()
        for line in head.split(separator: 0x0A) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            fields.append(name, String(decoding: EgressResponse.trimmed(line[(colon + 1)...]), as: UTF8.self))
        }
        return fields
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }
}
