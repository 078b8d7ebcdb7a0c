/// A connection that could not be made, or ended without an answer.
package struct RawHTTPError: Error {
    /// The system's error number; 0 when the server closed without an answer.
    package var code: Int32

    package init(code: Int32) { self.code = code }
}
