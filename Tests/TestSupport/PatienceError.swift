/// Something did not come to pass in time.
package struct PatienceError: Error, CustomStringConvertible {
    package let message: String

    package var description: String { message }
}
