import Testing

/// One rule of the storage seam, as a check that every engine must pass.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let name: String
    let check: @Sendable (Bench) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (Bench) async throws -> Void) {
        self.name = name
        self.check = check
    }

    var testDescription: String { name }
}
