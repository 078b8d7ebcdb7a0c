/// What a recipe's store holds under a key.
public struct StoredValue<Value: Decodable>: Decodable {
    public let value: Value
    public let version: Int64
}
