import GrapnelCore
import GrapnelRun
import Testing

@Suite struct NoticeAccountTests {
    private static let start = Timestamp(milliseconds: 1_767_603_600_000)

    private static func notice(
        _ subject: String = "shop", kind: NoticeKind = .deadLetter, occasion: String? = nil
    ) -> Notice {
        Notice(kind: kind, subject: subject, message: "it happened", occasion: occasion)
    }

    @Test func `one of a kind and subject is told in an hour, and the next says how many there were`() {
        var account = NoticeAccount()
        #expect(account.take(Self.notice(), now: Self.start)?.untold == 0)
        for second in 1...41 {
            #expect(account.take(Self.notice(), now: Self.start + .seconds(second)) == nil)
        }
        #expect(account.take(Self.notice(), now: Self.start + .seconds(3600))?.untold == 41)
        #expect(account.take(Self.notice(), now: Self.start + .seconds(7200))?.untold == 0)
    }

    @Test func `another kind and another subject are told`() {
        var account = NoticeAccount()
        #expect(account.take(Self.notice(), now: Self.start) != nil)
        #expect(account.take(Self.notice("other"), now: Self.start) != nil)
        #expect(account.take(Self.notice(kind: .parkedEffect), now: Self.start) != nil)
    }

    @Test func `no more are told in an hour than the limit, and what was not is said later`() {
        var account = NoticeAccount(limits: NoticeLimits(hourly: 3))
        let told = (0..<10).filter { account.take(Self.notice("s\($0)"), now: Self.start) != nil }
        #expect(told.count == 3)
        #expect(account.take(Self.notice("s9"), now: Self.start + .seconds(3599)) == nil)
        #expect(account.take(Self.notice("s9"), now: Self.start + .seconds(3600))?.untold == 2)
    }

    @Test func `one that names its occasion is told once, and not counted`() {
        var account = NoticeAccount()
        #expect(account.take(Self.notice(occasion: "a"), now: Self.start) != nil)
        #expect(account.take(Self.notice(occasion: "a"), now: Self.start + .seconds(86_400)) == nil)
        #expect(account.take(Self.notice(occasion: "b"), now: Self.start + .seconds(86_401))?.untold == 0)
    }

    @Test func `one that was told before the start is counted`() throws {
        var account = NoticeAccount(limits: NoticeLimits(hourly: 1))
        let taken = account.take(Self.notice(), now: Self.start)
        let posting = try #require(taken)
        account.wasKnown(posting, of: Self.notice())
        // It took no room from others.
        #expect(account.take(Self.notice("other"), now: Self.start) != nil)
        #expect(account.take(Self.notice(), now: Self.start + .seconds(3600))?.untold == 1)
    }

    @Test func `subjects are forgotten, the longest unseen first`() {
        var account = NoticeAccount(limits: NoticeLimits(hourly: 1000, subjects: 2))
        for (second, subject) in ["a", "b", "a", "c"].enumerated() {
            _ = account.take(Self.notice(subject), now: Self.start + .seconds(second))
        }
        #expect(account.take(Self.notice("a"), now: Self.start + .seconds(5)) == nil)
        #expect(account.take(Self.notice("b"), now: Self.start + .seconds(5)) != nil)
    }

    @Test func `a wall clock that steps back does not silence it`() {
        var account = NoticeAccount(limits: NoticeLimits(hourly: 1))
        #expect(account.take(Self.notice("a"), now: Self.start + .seconds(86_400)) != nil)
        #expect(account.take(Self.notice("b"), now: Self.start) != nil)
    }
}
