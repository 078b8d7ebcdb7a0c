import ArgumentParser
import GrapnelCore
import GrapnelFormat

/// Which events, or what came of which events.
struct EventFilterOptions: ParsableArguments {
    @Option(name: .long, help: "Only of this source.")
    var source: String?
    @Option(name: .long, help: "Only of this type; * at a dot stands for anything.")
    var type: String?
    @Option(name: .long, help: "Only with this text somewhere in the body, the query or the headers.")
    var contains: String?
    @Option(
        name: .long,
        help: """
            Only where this holds, as in where: of a recipe: body.customer.id=42, or body.amount={"$gt": 100}; may be \
            repeated.
            """)
    var `where`: [String] = []
    @Option(name: .long, help: "Only from this time on: how long ago (90m, 2d), a day, or 2026-01-05T09:00:00Z.")
    var since: String?
    @Option(name: .long, help: "Only before this time.")
    var until: String?

    func validate() throws {
        for condition in `where` { _ = try Predicate(try PredicateArgument.definition(condition)) }
    }

    /// The parameters of the management API that are set.
    var parameters: [(String, String?)] {
        let conditions = `where`.compactMap { try? PredicateArgument.definition($0) }
        let all: JSON? = conditions.isEmpty ? nil : conditions.count == 1 ? conditions[0] : ["$and": .array(conditions)]
        return [
            ("source", source), ("type", type), ("contains", contains), ("where", all.map { JSONWriter.text($0) }),
            ("since", since), ("until", until),
        ]
    }
}
