/// Something that SQLite did to the disk. Files are numbered, because a name may be given to one after another.
enum DiskOperation: Sendable {
    case create(file: Int, name: String)
    case write(file: Int, offset: Int, bytes: [UInt8])
    case resize(file: Int, size: Int)
    /// Everything of the file lasts from now on; of the folder too, if it was synced with it.
    case sync(file: Int, withFolder: Bool)
    case delete(name: String, withFolder: Bool)
}
