import GrapnelRun
import Testing

@Suite struct StackTraceTests {
    /// Line 1 of the bundle is esbuild's own; line 2 came from line 5 of a.ts, its column 9 from column 3 there; line 3
    /// came from the start of lib/b.ts.
    static let map = Array(
        #"{"version":3,"sources":["a.ts","lib/b.ts"],"names":[],"mappings":";AAIA,QAAE;ACJF"}"#.utf8)

    @Test func `a frame is told where its code came from`() throws {
        let map = try #require(SourceMap(json: Self.map))
        #expect(map.original(line: 2, column: 1) == .init(file: "a.ts", line: 5, column: 1))
        #expect(map.original(line: 2, column: 8) == .init(file: "a.ts", line: 5, column: 1))
        #expect(map.original(line: 2, column: 9) == .init(file: "a.ts", line: 5, column: 3))
        #expect(map.original(line: 3, column: 40) == .init(file: "lib/b.ts", line: 1, column: 1))
        #expect(map.original(line: 1, column: 1) == nil)
        #expect(map.original(line: 4, column: 1) == nil)
        #expect(map.original(line: 0, column: 1) == nil)
    }

    @Test func `a stack is told in the user's files`() throws {
        let map = try #require(SourceMap(json: Self.map))
        let stack = "greet@bundle.js:2:10\n@bundle.js:3:1\nhandler@bundle.js:1:4\nmap@[native code]\nodd"
        #expect(
            StackTrace.mapped(stack, fileName: "bundle.js", map: map) == """
                at greet (a.ts:5:3)
                at lib/b.ts:1:1
                at handler (bundle.js:1:4)
                at map ([native code])
                odd
                """)
        #expect(StackTrace.mapped("f@bundle.js:2:9", fileName: "bundle.js", map: nil) == "at f (bundle.js:2:9)")
        #expect(StackTrace.mapped("f@other.js:2:9", fileName: "bundle.js", map: map) == "at f (other.js:2:9)")
    }

    @Test func `a stack is cut`() {
        let stack = Array(repeating: "f@bundle.js:1:1", count: 500).joined(separator: "\n")
        #expect(
            StackTrace.mapped(stack, fileName: "bundle.js", map: nil).split(separator: "\n").count
                == StackTrace.maxFrames)
    }

    @Test(arguments: [
        "", "[]", #"{"version":2,"sources":[],"mappings":""}"#, #"{"version":3,"sources":["a"],"mappings":"ggg"}"#,
        #"{"version":3,"sources":["a"],"mappings":"ACAA"}"#, #"{"version":3,"sources":["a"],"mappings":"AADA"}"#,
    ])
    func `what is no source map is refused`(text: String) {
        #expect(SourceMap(json: Array(text.utf8)) == nil)
    }
}
