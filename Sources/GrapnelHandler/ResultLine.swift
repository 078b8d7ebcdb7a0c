/// The end of a run that went well.
struct ResultLine<Value: Encodable>: Encodable {
    let type = "result"
    let value: Value?
}
