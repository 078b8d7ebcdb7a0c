/// Frames that stand one after another in a file.
struct FrameRun {
    let file: LogFile
    /// Where in the file the first of them begins.
    let offset: Int
    let firstFrame: Int
    /// How many there are; `nil` when only their checksums tell.
    let count: Int?
}
