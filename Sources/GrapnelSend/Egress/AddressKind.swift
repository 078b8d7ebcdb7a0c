/// What an address is for: the IANA special-purpose registries
/// (https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-special-registry), and what clouds put there.
package enum AddressKind: String, Sendable, Hashable, CaseIterable {
    /// Anyone's: may be dialled.
    case `public`
    case unspecified
    case loopback
    case `private`
    case linkLocal = "link-local"
    /// Shared by the customers of a carrier (RFC 6598).
    case carrier = "carrier-grade NAT"
    case multicast
    /// Reserved, for documentation, for benchmarks, or a transition form that may lead anywhere.
    case reserved
    /// Where a cloud hands out credentials to whoever asks from inside.
    case metadata

    /// Whether an operator may open it with `egress.allow_private`.
    package var canBeAllowed: Bool {
        switch self {
        case .loopback, .private, .linkLocal, .carrier, .reserved: true
        case .public, .unspecified, .multicast, .metadata: false
        }
    }

    /// The kind of an address. An IPv4 address inside an IPv6 one counts as what it leads to.
    package static func of(_ address: IPAddress) -> AddressKind {
        switch address.canonical {
        case .v4(let value): return ofV4(value)
        case .v6(let high, let low): return ofV6(high, low)
        }
    }

    /// AWS and most clouds; ECS tasks; EKS pods; Alibaba; Azure's wire server; Oracle.
    private static let metadataV4: Set<UInt32> = [
        0xA9FE_A9FE, 0xA9FE_AA02, 0xA9FE_AA17, 0x6464_64C8, 0xA83F_8110, 0xC000_00C0,
    ]

    private static let specialV4: [(base: UInt32, prefix: UInt32, kind: AddressKind)] = [
        (0x0000_0000, 8, .unspecified), (0x0A00_0000, 8, .private), (0x6440_0000, 10, .carrier),
        (0x7F00_0000, 8, .loopback), (0xA9FE_0000, 16, .linkLocal), (0xAC10_0000, 12, .private),
        (0xC000_0000, 24, .reserved), (0xC000_0200, 24, .reserved), (0xC058_6300, 24, .reserved),
        (0xC0A8_0000, 16, .private), (0xC612_0000, 15, .reserved), (0xC633_6400, 24, .reserved),
        (0xCB00_7100, 24, .reserved), (0xE000_0000, 4, .multicast), (0xF000_0000, 4, .reserved),
    ]

    private static func ofV4(_ value: UInt32) -> AddressKind {
        if metadataV4.contains(value) { return .metadata }
        return specialV4.first { (value ^ $0.base) >> (32 - $0.prefix) == 0 }?.kind ?? .public
    }

    private static func ofV6(_ high: UInt64, _ low: UInt64) -> AddressKind {
        // AWS fd00:ec2::254 and ::23 (EKS pods); Google fd20:ce::254.
        if high == 0xFD00_0EC2_0000_0000, low == 0x254 || low == 0x23 { return .metadata }
        if high == 0xFD20_00CE_0000_0000, low == 0x254 { return .metadata }
        if high == 0 { return ofLowV6(low) }
        if high >> 32 == 0x0064_FF9B { return ofTranslatedV6(high, low) }
        // 6to4 holds an IPv4 address in its first bytes, Teredo an inverted one in its last; neither is in use.
        if high >> 48 == 0x2002 { return embedded(UInt32(truncatingIfNeeded: high >> 16)) }
        if high >> 32 == 0x2001_0000 { return embedded(~UInt32(truncatingIfNeeded: low)) }
        if high >> 57 == 0xFC >> 1 { return .private }
        if high >> 54 == 0xFE80 >> 6 { return .linkLocal }
        if high >> 54 == 0xFEC0 >> 6 { return .private }
        if high >> 56 == 0xFF { return .multicast }
        // Protocol assignments 2001::/23, documentation 2001:db8::/32 and 3fff::/20.
        if high >> 41 == 0x2001_0000_0000_0000 >> 41 || high >> 32 == 0x2001_0DB8 || high >> 44 == 0x3FFF0 {
            return .reserved
        }
        // Global unicast is 2000::/3; all else is unassigned or special (5f00::/16 routes by segments).
        return high >> 61 == 1 ? .public : .reserved
    }

    /// `::/64`: unspecified, loopback, IPv4-compatible (`::a.b.c.d`), translated (`::ffff:0:a.b.c.d`).
    private static func ofLowV6(_ low: UInt64) -> AddressKind {
        switch low {
        case 0: return .unspecified
        case 1: return .loopback
        default:
            let isFour = low >> 32 == 0 || low >> 48 == 0xFFFF
            return isFour ? embedded(UInt32(truncatingIfNeeded: low)) : .reserved
        }
    }

    /// `64:ff9b::/96` leads to the IPv4 address at its end (RFC 6052); `64:ff9b:1::/48` is a network's own (RFC 8215).
    private static func ofTranslatedV6(_ high: UInt64, _ low: UInt64) -> AddressKind {
        let four = UInt32(truncatingIfNeeded: low)
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return ofV4(four) }
        let kind = ofV4(four)
        return kind == .metadata ? kind : .private
    }

    /// The kind of a transition form that nobody needs to dial: never public.
    private static func embedded(_ value: UInt32) -> AddressKind {
        let kind = ofV4(value)
        return kind == .public ? .reserved : kind
    }
}
