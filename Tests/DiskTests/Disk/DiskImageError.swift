/// An image could not be written.
struct DiskImageError: Error {
    let code: Int32
}
