import GrapnelCore
import GrapnelCrypto

/// What makes a delivery another one than every delivery before: the values that a vendor would choose anew.
struct DeliveryIdentity: Sendable, Hashable {
    /// A UUID, or the id that was asked for.
    let uuid: String
    /// 32 hexadecimal digits.
    let token: String
    /// A whole number that JavaScript can hold.
    let number: Int64

    /// A new one.
    init(random: any RandomSource) {
        let (high, low) = (random.next(), random.next())
        self.init(
            bytes: (0..<16).map { index in
                UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (8 * UInt64(index % 8)))
            })
    }

    /// The one that an id always stands for: the id itself where the vendor's form allows it.
    init(id: String) {
        let derived = DeliveryIdentity(bytes: Digest.hash(Array(id.utf8), .md5))
        uuid = id
        token = id.utf8.count == 32 && Hex.decode(id) != nil ? id : derived.token
        number = Int64(id).flatMap { (0...9_007_199_254_740_991).contains($0) ? $0 : nil } ?? derived.number
    }

    private init(bytes: [UInt8]) {
        var bytes = bytes
        // RFC 9562: version 4, variant 10.
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        token = Hex.encode(bytes)
        let digits = Array(token)
        uuid = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
        number = bytes[..<6].reduce(0) { $0 << 8 | Int64($1) }
    }

    /// The identity of the element `index` of a batch: the delivery's own for the first.
    func element(_ index: Int) -> DeliveryIdentity {
        index == 0 ? self : DeliveryIdentity(bytes: Digest.hash(Array("\(uuid) \(index)".utf8), .md5))
    }
}
