import Glibc

/// What the system said about a connection.
struct LoopbackError: Error, Equatable, CustomStringConvertible {
    let code: Int32

    static let reset = LoopbackError(code: ECONNRESET)

    var description: String { String(cString: strerror(code)) }
}
