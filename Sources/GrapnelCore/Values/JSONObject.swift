/// The members of a JSON object, in the order in which they were written.
///
/// A name that occurs twice keeps both members; look-ups see the last one, as JavaScript does.
/// Two objects are equal when look-ups see the same members, in any order.
package struct JSONObject: Sendable {
    /// One name and its value.
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSON

        package init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// Every member, in order, repeated names included.
    package private(set) var members: [Member]

    /// An object of these members, in this order.
    package init(_ members: [Member] = []) {
        self.members = members
    }

    /// An object of these pairs, in this order.
    package init(_ pairs: [(String, JSON)]) {
        members = pairs.map { Member(key: $0.0, value: $0.1) }
    }

    /// The number of members.
    package var count: Int { members.count }

    /// Whether there is no member.
    package var isEmpty: Bool { members.isEmpty }

    /// The names, in order.
    package var keys: [String] { members.map(\.key) }

    /// The value of `key`; setting `nil` removes every member of that name.
    package subscript(_ key: String) -> JSON? {
        get { members.last { $0.key == key }?.value }
        set {
            guard let newValue else { return members.removeAll { $0.key == key } }
            if let index = members.lastIndex(where: { $0.key == key }) {
                members[index].value = newValue
            } else {
                members.append(Member(key: key, value: newValue))
            }
        }
    }

    /// Adds a member without looking for one of the same name.
    package mutating func append(_ key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
    }

    /// The members that look-ups see, by name.
    private var effective: [String: JSON] {
        Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members == right.members || left.effective == right.effective
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(effective)
    }
}
