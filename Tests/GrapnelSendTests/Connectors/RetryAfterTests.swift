import GrapnelCore
import GrapnelSend
import Testing

@Suite struct RetryAfterTests {
    private static let now = Timestamp(milliseconds: 784_111_777_000)  // Sun, 06 Nov 1994 08:49:37 GMT

    @Test(
        arguments: [
            ("0", 0), ("120", 120_000), (" 7 ", 7000), ("1.5", 1500), ("Sun, 06 Nov 1994 08:50:37 GMT", 60_000),
            ("Sunday, 06-Nov-94 08:50:37 GMT", 60_000), ("Sun Nov  6 08:50:37 1994", 60_000),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ] as [(String, Int64)])
    func `seconds and dates say how long to wait`(value: String, milliseconds: Int64) {
        #expect(RetryAfter.duration(value, now: Self.now) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "soon", "-5", "nan", "Sun, 99 Nov 1994 08:50:37 GMT", "Sun, 06 Foo 1994 08:50:37 GMT", "1e400",
    ])
    func `anything else says nothing`(value: String) {
        #expect(RetryAfter.duration(value, now: Self.now) == nil)
    }

    @Test func `a number beyond all measure is a long wait, not a trap`() throws {
        let wait = try #require(RetryAfter.duration("99999999999999999999999", now: Self.now))
        #expect(wait > RetryPolicy.longestRetryAfter)
    }
}
