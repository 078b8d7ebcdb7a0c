import GrapnelCore

/// What an element was found to hold.
struct XMLElement {
    private var members: [JSONObject.Member] = []
    private var places: [String: Int] = [:]
    var text = ""

    mutating func add(_ name: String, _ value: JSON) {
        guard let place = places[name] else {
            places[name] = members.count
            members.append(JSONObject.Member(key: name, value: value))
            lists.append(false)
            return
        }
        if lists[place], case .array(var list) = members[place].value {
            // Taken out while it grows, so that a long list is not copied for every element.
            members[place].value = .null
            list.append(value)
            members[place].value = .array(list)
        } else {
            members[place].value = .array([members[place].value, value])
            lists[place] = true
        }
    }

    /// Which members are arrays because their name was repeated.
    private var lists: [Bool] = []

    /// The element's text when there is nothing else, otherwise an object.
    var value: JSON {
        guard !members.isEmpty else { return .string(text) }
        let isBlank = text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard !isBlank else { return .object(JSONObject(members)) }
        return .object(JSONObject(members + [JSONObject.Member(key: "#text", value: .string(text))]))
    }
}
