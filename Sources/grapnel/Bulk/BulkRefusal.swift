/// Why nothing, or not everything, was done to many at once.
struct BulkRefusal: Error, CustomStringConvertible {
    let description: String
}
