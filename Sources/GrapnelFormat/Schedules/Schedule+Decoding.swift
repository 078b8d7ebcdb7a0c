import GrapnelCore

extension Schedule {
    /// The schedule of an entry of `on:` with `schedule` or `at`; `nil`, with its mistakes noted, when it is none.
    static func read(_ reader: MappingReader) -> Schedule? {
        for key in ["source", "events", "where"] where reader.value(key) != nil {
            reader.collector.add(
                reader.value(key)?.position, "\"\(key)\" belongs to events from outside",
                hint: "write them as another entry of \"on\"")
        }
        let catchUp = reader.word("catch_up", CatchUp.self) ?? .latest
        guard let text = reader.string("schedule"), let position = reader.value("schedule")?.position else {
            return once(reader).map { Schedule(.once($0), catchUp: catchUp) }
        }
        if let at = reader.value("at") {
            reader.collector.add(
                at.position, "\"on\" has both \"schedule\" and \"at\"", hint: "write two entries of \"on\"")
        }
        let zone = zone(reader)
        do throws(CronError) {
            let cron = try CronExpression(text)
            return zone.map { Schedule(.repeating(cron, in: $0), catchUp: catchUp) }
        } catch {
            reader.collector.add(position, "\"schedule\": \(error)")
            return nil
        }
    }

    private static func once(_ reader: MappingReader) -> Timestamp? {
        if let zone = reader.value("timezone") {
            reader.collector.add(
                zone.position, "\"timezone\" belongs to \"schedule\"", hint: "\"at\" has its offset in it")
        }
        return reader.parsed("at", "a time such as 2026-12-24T09:00:00Z") { Timestamp(rfc3339: $0) }
    }

    private static func zone(_ reader: MappingReader) -> TimeZoneRules? {
        guard let name = reader.string("timezone"), let position = reader.value("timezone")?.position else {
            return .utc
        }
        if let zone = TimeZoneRules(name) { return zone }
        let near = TimeZoneRules.nearest(to: name)
        reader.collector.add(
            position, "there is no time zone \"\(name)\"",
            hint: near.map { "did you mean \"\($0)\"?" } ?? "write a name of the tz database, such as Europe/Berlin")
        return nil
    }
}
