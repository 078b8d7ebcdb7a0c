/// The hub's answer to a question: a value, a reply, or an error.
struct AnswerLine<Value: Decodable>: Decodable {
    let id: UInt32
    let value: Value?
    let reply: Reply?
    let error: CallError?
}
