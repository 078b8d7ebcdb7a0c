import GrapnelSend
import Testing

@Suite struct RetryBudgetTests {
    /// How many retries are allowed at once after so many first sendings.
    private func allowed(after first: Int, at now: Duration = .zero, _ budget: RetryBudget = RetryBudget()) -> Int {
        var budget = budget
        for _ in 0..<first { budget.begin(isRetry: false, at: now) }
        var count = 0
        while count < 1000, budget.allowsRetry(at: now) {
            budget.begin(isRetry: true, at: now)
            count += 1
        }
        return count
    }

    @Test(arguments: [(0, 10), (49, 10), (50, 10), (55, 11), (1000, 200)])
    func `a fifth of the first sendings is retried, and a few always are`(first: Int, retries: Int) {
        #expect(allowed(after: first) == retries)
    }

    @Test func `a minute later the budget is new`() {
        var budget = RetryBudget()
        while budget.allowsRetry(at: .zero) { budget.begin(isRetry: true, at: .zero) }
        #expect(!budget.allowsRetry(at: .seconds(54)))
        #expect(budget.allowsRetry(at: .seconds(60)))
    }

    @Test func `what did not take place, and what succeeded, is given back`() {
        var budget = RetryBudget(limits: RetryBudget.Limits(floor: 1))
        budget.begin(isRetry: true, at: .zero)
        #expect(!budget.allowsRetry(at: .zero))
        budget.giveBack(isRetry: true, at: .seconds(20))
        #expect(budget.allowsRetry(at: .seconds(20)))
    }

    @Test func `retries that are put off come back at times of their own`() {
        let budget = RetryBudget()
        #expect(budget.delay(unit: 0) == .seconds(15))
        #expect(budget.delay(unit: 0.5) == .milliseconds(37_500))
        #expect(budget.delay(unit: 0.999) < .seconds(60))
    }
}
