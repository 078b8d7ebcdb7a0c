import Glibc
import Testing
import grapnel

/// How the files that a hub may open are shared out.
@Suite struct OpenFilesTests {
    @Test func `connections get half of the files at most, and requests a quarter`() throws {
        let limit = try #require(OpenFiles.limit)
        let files = Int(clamping: limit.rlim_cur)
        #expect(OpenFiles.connections(wanted: 1) == 1 && OpenFiles.requests(wanted: 1) == 1)
        #expect(OpenFiles.connections(wanted: .max) == files / 2)
        #expect(OpenFiles.requests(wanted: .max) == files / 4)
    }
}
