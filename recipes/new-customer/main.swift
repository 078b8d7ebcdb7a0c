import GrapnelHandler

/// What HubSpot says of a changed contact.
struct Change: Decodable {
    let objectId: Int
    let propertyName: String
    let propertyValue: String
}

/// What this recipe reads of a contact.
struct Contact: Decodable {
    struct Properties: Decodable {
        let email: String?
        let firstname: String?
    }

    let properties: Properties
}

struct ContactQuery: Encodable {
    let id: Int
    let properties = ["email", "firstname"]
}

struct Message: Encodable {
    let channel: String
    let text: String
}

try Handler.serve { (event: Event<Change>, hub: Hub) in
    guard let change = event.body else { throw Discard("the event has no body") }
    guard change.propertyName == "lifecyclestage", change.propertyValue == "customer" else { return }
    let contact = try hub.call("crm", "getContact", ContactQuery(id: change.objectId), as: Contact.self)
    guard let email = contact.properties.email else {
        throw Discard("the contact \(change.objectId) has no e-mail to tell")
    }
    let count = try hub.increment("customers")
    let name = contact.properties.firstname.map { "\($0), " } ?? ""
    try hub.send("slack", "postMessage", Message(channel: "#sales", text: "Customer no. \(count): \(name)\(email)"))
    try hub.log("told Slack", fields: ["contact": String(change.objectId)])
}
