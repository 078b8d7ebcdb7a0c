extension Result {
    /// The failure, when it is one.
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
