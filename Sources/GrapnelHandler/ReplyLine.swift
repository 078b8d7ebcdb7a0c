/// The end of a run that went well, with an answer for the vendor.
struct ReplyLine: Encodable {
    private let reply: Reply

    init(_ reply: Reply) { self.reply = reply }

    private enum CodingKeys: String, CodingKey { case type }

    func encode(to encoder: any Encoder) throws {
        try reply.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("reply", forKey: .type)
    }
}
