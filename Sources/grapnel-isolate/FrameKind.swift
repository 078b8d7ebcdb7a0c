/// Kinds of frames between the hub and an isolate; the list is in `docs/isolate-protocol.md`.
enum FrameKind {
    static let load: UInt8 = 1
    static let run: UInt8 = 2
    static let settle: UInt8 = 3
    static let ready: UInt8 = 16
    static let failed: UInt8 = 18
    /// Failed, a result, a reply: the ends of a run.
    static let endings: Set<UInt8> = [18, 26, 27]
}
