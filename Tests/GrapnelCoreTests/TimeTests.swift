import GrapnelCore
import Testing

@Suite struct TimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2026-01-05T09:00:00.250Z", 1_767_603_600_250),
        ("2024-02-29T23:59:59+01:30", 1_709_245_799_000), ("1969-12-31T23:59:59.999Z", -1),
        ("2000-03-01t00:00:00z", 951_868_800_000),
    ])
    func `RFC 3339 text becomes a moment`(text: String, milliseconds: Int64) throws {
        let timestamp = try #require(Timestamp(rfc3339: text))
        #expect(timestamp.milliseconds == milliseconds)
        #expect(Timestamp(rfc3339: timestamp.description) == timestamp)
    }

    @Test(arguments: [
        "", "2026-01-05", "2026-13-05T09:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T09:00:00",
        "2026-01-05T09:00:00.Z", "٢٠٢٦-01-05T09:00:00Z",
    ])
    func `other text is no moment`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        ("250ms", Int64(250)), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("7d", 604_800_000), ("0s", 0),
    ])
    func `durations have units`(text: String, milliseconds: Int64) throws {
        let duration = try #require(Duration(text: text))
        #expect(duration.milliseconds == milliseconds)
        #expect(Duration(text: duration.text) == duration)
    }

    @Test(arguments: ["", "5", "s", "-5s", "+5s", "1.5h", "5 s", "5w", "99999999999999999999d", "9223372036854775807d"])
    func `other text is no duration`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(arguments: [("64KiB", 65_536), ("1MiB", 1_048_576), ("10GiB", 10_737_418_240), ("512B", 512)])
    func `sizes have units`(text: String, bytes: Int) throws {
        let size = try #require(ByteCount(text))
        #expect(size.bytes == bytes)
        #expect(size.description == text)
    }

    @Test(arguments: ["", "64", "KiB", "-1KiB", "64KB", "1.5MiB", "9223372036854775807GiB"])
    func `other text is no size`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test func `moments stop at the ends of their range`() {
        #expect(Timestamp(milliseconds: .max) + .seconds(1) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: .min) - .seconds(1) == Timestamp(milliseconds: .min))
    }
}
