import GrapnelCore
import TestSupport
import Testing

@Suite struct IdentifierTests {
    private let clock = ManualClock()

    @Test func `identifiers rise within a millisecond and when the clock steps back`() {
        let generator = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 1))
        var last = generator.next(Event.self)
        for step in 0..<2000 {
            if step == 1000 { clock.setWallClock(Timestamp(milliseconds: 0)) }
            let next = generator.next(Event.self)
            #expect(next > last)
            last = next
        }
    }

    @Test func `text and bytes read back`() throws {
        let generator = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 2))
        for _ in 0..<100 {
            let id = generator.next(Run.self)
            let text = id.description
            #expect(text.hasPrefix("run_") && text.count == 30)
            #expect(Identifier<Run>(text) == id)
            #expect(Identifier<Run>(text.uppercased().replacing("RUN_", with: "run_")) == id)
            #expect(Identifier<Run>(bytes: id.bytes) == id)
            #expect(id.madeAt == clock.now())
        }
        let greatest = Identifier<Run>(high: .max, low: .max)
        #expect(Identifier<Run>(greatest.description) == greatest)
    }

    @Test(arguments: [
        "", "run_", "evt_00000000000000000000000000", "run_0000000000000000000000000", "run_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "run_u0000000000000000000000000", "run_000000000000000000000000000",
    ])
    func `other text is no identifier of a run`(text: String) {
        #expect(Identifier<Run>(text) == nil)
    }

    @Test func `text sorts as identifiers do`() {
        let generator = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 3))
        let ids = (0..<200).map { _ in
            clock.advance(by: .milliseconds(1))
            return generator.next(Event.self)
        }
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
    }
}
