/// The operation that a request's method and path belong to.
struct VendorMatch: Sendable {
    let operation: VendorOperation
    /// What stands in the holes of the path.
    let holes: [(hole: PatternHole, text: String)]
}
