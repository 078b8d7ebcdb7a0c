/// What a handler asks of the hub, or leaves with it. Members that are `nil` are left out.
struct Question<Input: Encodable>: Encodable {
    let type: String
    var id: UInt32?
    var connection: String?
    var operation: String?
    var input: Input?
    var key: String?
    /// In milliseconds.
    var timeout: Int64?
    /// In milliseconds.
    var delay: Int64?
    var event: String?
    var data: Input?
    var level: String?
    var message: String?
    var fields: Input?
    var op: String?
    var value: Input?
    /// In milliseconds.
    var ttl: Int64?
    var ifVersion: Int64?
    var by: Int64?
    var prefix: String?
    var now: Bool?
    var method: String?
    var url: String?
    var headers: [[String]]?
    var body: String?
}
