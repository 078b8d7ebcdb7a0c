import Testing

@Suite struct SQLiteConformanceTests {
    @Test(arguments: QueueConformance.cases)
    func `SQLite keeps the contract of the queue`(rule: ConformanceCase) async throws {
        let bench = try await Bench(try SQLiteStore())
        try await rule.check(bench)
        await bench.store.close(bench.queue)
    }
}
