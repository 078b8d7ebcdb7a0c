/// A write with its body and its caller.
///
/// Unchecked: it is handed from the caller to the writer thread through the lock of the backlog, and from then on only
/// that thread touches it.
final class Write<Value: Sendable>: PendingWrite, @unchecked Sendable {
    let bytes: Int
    private let body: @Sendable (SQLiteWriter) throws -> Value
    private let continuation: UnsafeContinuation<Value, any Error>
    private var result: Result<Value, QueueError>?

    init(
        bytes: Int, continuation: UnsafeContinuation<Value, any Error>,
        body: @escaping @Sendable (SQLiteWriter) throws -> Value
    ) {
        self.bytes = bytes
        self.continuation = continuation
        self.body = body
    }

    func attempt(_ writer: SQLiteWriter) throws {
        result = .success(try body(writer))
    }

    func refuse(_ error: QueueError) {
        result = .failure(error)
    }

    func finish() {
        switch result {
        case .success(let value): continuation.resume(returning: value)
        case .failure(let error): continuation.resume(throwing: error)
        case nil: fail(QueueError(.storage, "the write was not tried; try again"))
        }
    }

    func fail(_ error: QueueError) {
        continuation.resume(throwing: error)
    }
}
