/// Why a request of the command line got no answer.
struct LocalHTTPError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
