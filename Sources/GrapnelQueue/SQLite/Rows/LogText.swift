import GrapnelCore

/// The lines of an attempt's log as JSON text, as the `log` table stores them.
enum LogText {
    static func encode(_ lines: [LogLine]) -> [UInt8] {
        JSONWriter.bytes(
            .array(
                lines.map { line in
                    var object = JSONObject()
                    object.append("level", .string(line.level.rawValue))
                    object.append("at", .integer(line.at.milliseconds))
                    object.append("message", .string(line.message))
                    if let fields = line.fields { object.append("fields", fields) }
                    return .object(object)
                }))
    }

    static func decode(_ text: [UInt8]) throws(QueueError) -> [LogLine] {
        guard case .array(let lines)? = try? JSONParser.parse(text) else { throw Statement.unreadable("a log") }
        var decoded: [LogLine] = []
        for line in lines {
            guard let level = line["level"]?.string.flatMap({ LogLine.Level(rawValue: $0) }),
                let at = line["at"]?.integer, let message = line["message"]?.string
            else { throw Statement.unreadable("a log line") }
            decoded.append(
                LogLine(level: level, at: Timestamp(milliseconds: at), message: message, fields: line["fields"]))
        }
        return decoded
    }
}
