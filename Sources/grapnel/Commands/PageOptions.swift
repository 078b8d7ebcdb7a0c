import ArgumentParser

/// Which part of a list to show.
struct PageOptions: ParsableArguments {
    @Option(name: .long, help: "How many to show, newest first; at most 1000.")
    var limit = 50

    @Option(name: .long, help: "Only those older than this id: the last one of the page before.")
    var before: String?

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 1000.") }
    }

    /// The query string of a list, with `filters` that are set.
    func query(_ filters: [(String, String?)]) -> String {
        let all = filters + [("limit", String(limit)), ("before", before)]
        let parts = all.compactMap { name, value in value.map { "\(name)=\(Self.escaped($0))" } }
        return "?" + parts.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
