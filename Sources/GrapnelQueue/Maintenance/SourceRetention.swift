package import GrapnelCore

/// How long one source's events are kept, where that differs from the hub's.
package struct SourceRetention: Sendable, Hashable {
    /// `nil`: as long as those of the other sources.
    package var age: Duration?
    /// The most bytes of its requests; `nil`: as many as come.
    package var keep: ByteCount?

    package init(age: Duration? = nil, keep: ByteCount? = nil) {
        self.age = age
        self.keep = keep
    }
}
