package import GrapnelCore

/// What a path leads to.
package enum PathValues: Sendable, Hashable {
    /// It leads nowhere.
    case none
    /// A path without `.*` leads here.
    case one(JSON)
    /// A path with `.*` leads to each of these; the list may be empty.
    case many([JSON])

    /// Whether there is no value at all.
    package var isEmpty: Bool {
        switch self {
        case .none: true
        case .one: false
        case .many(let values): values.isEmpty
        }
    }

    /// The first value.
    package var first: JSON? {
        switch self {
        case .none: nil
        case .one(let value): value
        case .many(let values): values.first
        }
    }

    /// One value: the list as an array for a path with `.*`.
    package var joined: JSON? {
        switch self {
        case .none: nil
        case .one(let value): value
        case .many(let values): .array(values)
        }
    }

    /// Whether any value satisfies `condition`.
    package func contains(where condition: (JSON) -> Bool) -> Bool {
        switch self {
        case .none: false
        case .one(let value): condition(value)
        case .many(let values): values.contains(where: condition)
        }
    }
}
