/// What a workload did to the disk, and what it was answered.
struct Recording: Sendable {
    let seed: UInt64
    let operations: [DiskOperation]
    let items: [Item]
}
