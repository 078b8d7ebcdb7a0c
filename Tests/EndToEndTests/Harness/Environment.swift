import Glibc

/// What the one who runs the tests asks for.
enum Environment {
    /// A variable that holds a number.
    static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }
}
