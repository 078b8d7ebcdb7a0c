import GrapnelHandler

/// What the test asks this program to do.
struct Task: Decodable {
    let act: String
}

struct Text: Codable {
    var text: String
}

/// Everything that the library can say, in one run each.
try Handler.serve { (event: Event<Task>, hub: Hub) throws -> Reply in
    switch event.body?.act {
    case "ask":
        print("printed")
        let contact = try hub.call("crm", "getContact", Text(text: "1"), key: "k", timeout: .seconds(2), as: Text.self)
        try hub.store("a", contact, lifetime: .seconds(60), ifVersion: 3, now: true)
        let stored = try hub.stored("a", as: Text.self)
        let sum = try hub.increment("n", by: 2)
        let isGone = try hub.remove("a")
        let page = try hub.fetch("https://a.example/", method: "POST", headers: [["a", "b"]], body: "yes")
        try hub.send("slack", "postMessage", contact, key: "s", delay: .seconds(60))
        try hub.emit("order.created", contact)
        try hub.log("told", level: .warn, fields: ["n": "1"])
        let version = stored.map { String($0.version) } ?? "none"
        return Reply(
            status: 201, type: "text/xml",
            text: "\(contact.text) \(version) \(sum) \(isGone) \(page.status) \(page.body.count) \(hub.run.attempt)")
    case "call": _ = try hub.call("crm", "getContact", Nothing(), as: Nothing.self)
    case "discard": throw Discard("not for us")
    case "later": throw RetryAfter(.seconds(600), "busy")
    default: throw ProbeError(act: event.type)
    }
    return Reply()
}
