import GrapnelCore
import Testing

/// Time as a handler sees it: it stands still while the handler computes.
@Suite struct WebTimeTests {
    private func value(_ handler: String) async throws -> JSON? {
        var value: JSON?
        try await IsolateBench.with { bench async throws in value = try await bench.value(handler) }
        return value
    }

    @Test func `no clock moves while the handler computes`() async throws {
        let moved = try await value(
            """
            const precise = new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3, second: '2-digit', minute: '2-digit' })
            const clocks = {
              'Date.now': () => Date.now(), 'new Date': () => new Date().getTime(), Date: () => Date(),
              constructor: () => new (new Date().constructor)().getTime(), subclass: () => new (class extends Date {})().getTime(),
              reflect: () => Reflect.construct(Date, []).getTime(), performance: () => performance.now(),
              event: () => new Event('x').timeStamp, file: () => new File([], 'x').lastModified,
              format: () => precise.format(), parts: () => JSON.stringify(precise.formatToParts()),
            }
            const before = Object.values(clocks).map((clock) => clock())
            for (let count = 0; count < 2e7; count++) Math.sqrt(count)
            await Promise.resolve()
            return Object.keys(clocks).filter((name, index) => clocks[name]() !== before[index])
            """)
        #expect(moved == .array([]))
    }

    /// A timer goes by the monotonic clock. Both clocks show whole milliseconds and begin them at other moments, so five
    /// of one may be four of the other.
    @Test func `clocks move when the hub calls in`() async throws {
        let result = try await value(
            """
            const [wall, still] = [Date.now(), performance.now()]
            await new Promise((done) => setTimeout(done, 5))
            return [Date.now() - wall >= 4, performance.now() - still >= 5, Number.isInteger(performance.now()),
              Math.abs(performance.timeOrigin + performance.now() - Date.now()) <= 2]
            """)
        #expect(result == [true, true, true, true])
    }

    @Test func `a date is still a date`() async throws {
        let result = try await value(
            """
            const date = new Date(2026, 0, 5, 9)
            return [date.toISOString(), new Date(date).getTime() === date.getTime(), Date.UTC(1970, 0, 1), Date.parse('1970-01-01'),
              date instanceof Date, date.constructor === Date, Date.name, Date.length, typeof Date(), structuredClone(date) instanceof Date]
            """)
        #expect(result == ["2026-01-05T09:00:00.000Z", true, 0, 0, true, true, "Date", 7, "string", true])
    }

    @Test func `timers run by their time and then in their order`() async throws {
        let order = try await value(
            """
            const order = []
            setTimeout(() => order.push('late'), 3)
            setTimeout(() => order.push('first'))
            setTimeout(() => { order.push('second'); Promise.resolve().then(() => order.push('between')) })
            setTimeout(() => order.push('third'))
            const never = setTimeout(() => order.push('never'), 1)
            clearTimeout(never)
            await new Promise((done) => { let count = 0; const every = setInterval(() => {
              if (++count === 3) { clearInterval(every); done() } }, 3) })
            return order
            """)
        #expect(order == ["first", "second", "between", "third", "late"])
    }
}
