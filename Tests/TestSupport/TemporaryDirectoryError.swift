/// The system could not make a directory.
package struct TemporaryDirectoryError: Error {
    /// `errno`.
    package let code: Int32
}
