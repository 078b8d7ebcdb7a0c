import GrapnelCore
import GrapnelSend
import Testing

@Suite struct HealthRecordTests {
    private let start = Timestamp(milliseconds: 1_767_603_600_000)
    private let limits = HealthRecord.Limits()
    private let day = Duration.seconds(86_400)

    @Test func `what goes up and down is not kept, what lasts is kept once`() {
        var record = HealthRecord(ConnectionHealth(connection: "crm"))
        for second in 0..<100 {
            let sign: ConnectionSign = second.isMultiple(of: 2) ? .failed : .answered
            #expect(record.note(sign, failure: "503", now: start + .seconds(second), limits: limits) == false)
        }
        var kept: [Int] = []
        for second in 100..<300
        where record.note(.failed, failure: "503", now: start + .seconds(second), limits: limits) {
            kept.append(second)
        }
        #expect(kept == [160])
        #expect(record.note(.answered, failure: nil, now: start + .seconds(300), limits: limits) == true)
        #expect(record.note(.answered, failure: nil, now: start + .seconds(301), limits: limits) == false)
        #expect(record.health.lastSuccess == start + .seconds(301) && record.health.failingSince == nil)
    }

    @Test func `five days without a success are too many`() {
        var record = HealthRecord(ConnectionHealth(connection: "crm"))
        for count in 0..<5 { _ = record.note(.failed, failure: "503", now: start + day * count, limits: limits) }
        #expect(!record.isHopeless(now: start + day * 4, limits: limits))
        _ = record.note(.failed, failure: "503", now: start + day * 5, limits: limits)
        #expect(record.isHopeless(now: start + day * 5, limits: limits))
        _ = record.note(.answered, failure: nil, now: start + day * 5, limits: limits)
        #expect(!record.isHopeless(now: start + day * 5, limits: limits))
    }

    @Test func `a hub that was switched off for a week gives the connection another chance`() {
        var record = HealthRecord(ConnectionHealth(connection: "crm", failingSince: start))
        let now = start + day * 7
        _ = record.note(.failed, failure: "503", now: now, limits: limits)
        #expect(!record.isHopeless(now: now, limits: limits))
        for _ in 0..<2 { _ = record.note(.failed, failure: "503", now: now, limits: limits) }
        #expect(record.isHopeless(now: now, limits: limits))
        record.startOver()
        #expect(!record.isHopeless(now: now, limits: limits) && record.health.lastFailure == now)
    }
}
