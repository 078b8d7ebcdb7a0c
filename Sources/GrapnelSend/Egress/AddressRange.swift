/// A block of addresses, written `10.0.0.0/8` or `fd00::/8`; one address is a block of itself.
package struct AddressRange: Sendable, Hashable {
    /// The first address of the block.
    package let base: IPAddress
    /// How many leading bits are fixed.
    package let prefix: Int

    package init(_ base: IPAddress, prefix: Int) {
        self.base = base
        self.prefix = prefix
    }

    /// The block that `text` spells; `nil` when the address or the prefix is not one.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let width = if case .v4 = address { 32 } else { 128 }
        guard parts.count == 2 else {
            self.init(address, prefix: width)
            return
        }
        guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let prefix = Int(parts[1]), (0...width).contains(prefix)
        else { return nil }
        self.init(address, prefix: prefix)
    }

    /// Whether `address`, in its canonical form, lies in the block.
    package func contains(_ address: IPAddress) -> Bool {
        switch (base.canonical, address.canonical) {
        case (.v4(let base), .v4(let address)):
            // A mapped IPv6 base counts its prefix from bit 96.
            let bits = if case .v6 = self.base { max(prefix - 96, 0) } else { prefix }
            return bits == 0 || (base ^ address) >> UInt32(32 - bits) == 0
        case (.v6(let baseHigh, let baseLow), .v6(let high, let low)):
            if prefix == 0 { return true }
            if prefix <= 64 { return (baseHigh ^ high) >> UInt64(64 - prefix) == 0 }
            return baseHigh == high && (baseLow ^ low) >> UInt64(128 - prefix) == 0
        default: return false
        }
    }
}
