/// What `grapnel doctor` found out about one thing.
struct Finding: Sendable {
    enum Result: String, Sendable {
        case ok, warn, fail
    }

    let check: String
    let result: Result
    /// What is there, and what to do when that is not enough.
    let detail: String

    init(_ check: String, _ result: Result, _ detail: String) {
        self.check = check
        self.result = result
        self.detail = detail
    }
}
