import Glibc
import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// Real file systems that are full or read-only. Only root may mount them.
@Suite(.enabled(if: MountedDisk.isPossible, "mounting a file system needs root"))
struct MountedDiskTests {
    @Test func `a full disk refuses, and room makes writes possible again without a restart`() async throws {
        let disk = try #require(try MountedDisk(size: 8 << 20))
        let trial = Trial(folder: disk.folder.path, limits: QueueLimits(logSize: .mebibytes(1)))
        let queue = try await trial.open()
        for _ in 0..<20 { try await trial.offer(queue) }
        #expect(trial.refusals.isEmpty)
        for round in 0..<3 {
            try disk.fill("filler")
            var tries = 0
            while tries < 400 {
                try await trial.offer(queue, bytes: 20_000)
                tries += 1
                if !trial.isAccepting { break }
            }
            #expect(!trial.isAccepting, "round \(round)")
            #expect(trial.refusals.allSatisfy { $0.code == .storage && $0.message.contains("the disk is full") })
            // What is there can still be read.
            #expect(try await trial.lies(queue) == [])
            disk.remove("filler")
            try await trial.offer(queue)
            #expect(trial.isAccepting, "round \(round)")
        }
        await queue.close()
        let next = try await trial.open()
        #expect(try await trial.lies(next) == [])
        await next.close()
        #expect(RawDatabase.damage(of: trial.path) == [])
    }

    @Test func `a disk that takes no more files goes on with those that it has, and refuses a start that needs one`()
        async throws
    {
        let disk = try #require(try MountedDisk(size: 16 << 20, files: 64))
        let trial = Trial(folder: disk.folder.path)
        let queue = try await trial.open()
        try await trial.offer(queue)
        #expect(mkdir(disk.folder.file("other"), 0o700) == 0)
        disk.spendFiles("filler")
        // The log begins anew many times.
        for _ in 0..<60 { try await trial.offer(queue, bytes: 20_000) }
        #expect(trial.refusals.isEmpty)
        #expect(try await trial.lies(queue) == [])
        await queue.close()
        // One that has no files yet.
        let other = Trial(folder: disk.folder.file("other"))
        let error = await #expect(throws: QueueError.self) { _ = try await other.open() }
        #expect(error?.code == .storage)
        #expect(error?.message.contains(other.path) == true, "\(String(describing: error))")
        disk.giveFilesBack("filler")
        for trial in [trial, other] {
            let queue = try await trial.open()
            try await trial.offer(queue)
            #expect(trial.isAccepting)
            #expect(try await trial.lies(queue) == [])
            await queue.close()
        }
    }

    @Test func `a start on a full disk is refused, and works when there is room`() async throws {
        let disk = try #require(try MountedDisk(size: 4 << 20))
        let trial = Trial(folder: disk.folder.path)
        try disk.fill("filler")
        let error = await #expect(throws: QueueError.self) { _ = try await trial.open() }
        #expect(error?.code == .storage)
        disk.remove("filler")
        let queue = try await trial.open()
        try await trial.offer(queue)
        #expect(trial.isAccepting)
        await queue.close()
    }

    @Test func `a start on a read-only disk is refused, by a message that names the file`() async throws {
        let disk = try #require(try MountedDisk(size: 8 << 20))
        let trial = Trial(folder: disk.folder.path)
        let queue = try await trial.open()
        try await trial.offer(queue)
        await queue.close()
        #expect(disk.becomeReadOnly())
        let error = await #expect(throws: QueueError.self) { _ = try await trial.open() }
        #expect(error?.code == .storage)
        #expect(error?.message.contains(disk.folder.path) == true, "\(String(describing: error))")
    }

    @Test func `a start with a database that may not be written is refused, by a message that names it`() async throws {
        let disk = try #require(try MountedDisk(size: 8 << 20))
        let trial = Trial(folder: disk.folder.path)
        await (try await trial.open()).close()
        // Root may write whatever the mode says, but not what is mounted read-only.
        #expect(mount(trial.path, trial.path, nil, UInt(MS_BIND), nil) == 0)
        defer { umount2(trial.path, Int32(MNT_DETACH)) }
        let flags = UInt(MS_BIND | MS_REMOUNT | MS_RDONLY)
        #expect(mount(nil, trial.path, nil, flags, nil) == 0)
        let error = await #expect(throws: QueueError.self) { _ = try await trial.open() }
        #expect(error?.code == .storage)
        #expect(error?.message.contains(trial.path) == true, "\(String(describing: error))")
    }
}
