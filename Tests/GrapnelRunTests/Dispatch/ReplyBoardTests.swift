import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

@Suite struct ReplyBoardTests {
    private let clock = ManualClock()
    private let run = Identifier<Run>(high: 1, low: 1)
    private let reply = HTTPReply(status: 200, body: [1])

    @Test func `who waits gets the reply`() async throws {
        let board = ReplyBoard(clock: clock)
        async let reply = board.reply(to: run, within: .seconds(10))
        try await Patience.until { clock.sleeperCount > 0 }
        board.settle(run, self.reply)
        #expect(await reply == self.reply)
        #expect(clock.sleeperCount == 0)
    }

    @Test func `replies that nobody asks for make room for newer ones`() async {
        let board = ReplyBoard(clock: clock)
        let large = HTTPReply(status: 200, body: [UInt8](repeating: 0, count: 10 << 20))
        for number in UInt64(1)...2 { board.settle(Identifier(high: 1, low: number), large) }
        #expect(await board.reply(to: Identifier(high: 1, low: 2), within: .zero) == large)
        #expect(await board.reply(to: Identifier(high: 1, low: 1), within: .zero) == nil)
    }

    @Test func `a reply waits for who asks later`() async {
        let board = ReplyBoard(clock: clock)
        board.settle(run, reply)
        #expect(await board.reply(to: run, within: .seconds(10)) == reply)
    }

    @Test func `a failed run answers nothing at once`() async {
        let board = ReplyBoard(clock: clock)
        board.settle(run, nil)
        #expect(await board.reply(to: run, within: .seconds(10)) == nil)
        #expect(clock.sleeperCount == 0)
    }

    @Test func `who waits too long gets nothing`() async throws {
        let board = ReplyBoard(clock: clock)
        async let late = board.reply(to: run, within: .seconds(10))
        try await Patience.until { clock.sleeperCount > 0 }
        clock.advance(by: .seconds(10))
        #expect(await late == nil)
        board.settle(run, reply)
        #expect(await board.reply(to: run, within: .seconds(10)) == reply)
    }

    @Test func `who is cancelled gets nothing`() async throws {
        let board = ReplyBoard(clock: clock)
        let run = run
        let waiting = Task { await board.reply(to: run, within: .seconds(10)) }
        try await Patience.until { clock.sleeperCount > 0 }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }
}
