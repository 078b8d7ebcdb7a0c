import GrapnelSend
import Testing

@Suite struct AddressKindTests {
    @Test(
        arguments: [
            ("127.0.0.1", .loopback), ("127.255.0.1", .loopback), ("0.0.0.0", .unspecified), ("0.1.2.3", .unspecified),
            ("10.0.0.1", .private), ("172.16.0.1", .private), ("172.31.255.255", .private), ("192.168.0.1", .private),
            ("172.15.0.1", .public), ("172.32.0.1", .public), ("100.64.0.1", .carrier), ("100.127.255.255", .carrier),
            ("100.63.0.1", .public), ("100.128.0.1", .public), ("169.254.0.1", .linkLocal),
            ("169.254.169.254", .metadata), ("169.254.170.2", .metadata), ("169.254.170.23", .metadata),
            ("100.100.100.200", .metadata), ("168.63.129.16", .metadata), ("192.0.0.192", .metadata),
            ("192.0.0.1", .reserved), ("192.0.2.1", .reserved), ("198.18.0.1", .reserved),
            ("198.19.255.255", .reserved),
            ("198.51.100.1", .reserved), ("203.0.113.1", .reserved), ("192.88.99.1", .reserved),
            ("224.0.0.1", .multicast),
            ("239.255.255.255", .multicast), ("240.0.0.1", .reserved), ("255.255.255.255", .reserved),
            ("8.8.8.8", .public), ("1.1.1.1", .public), ("223.255.255.255", .public),
        ] as [(String, AddressKind)])
    func `an IPv4 address is of its kind`(text: String, kind: AddressKind) throws {
        #expect(AddressKind.of(try #require(IPAddress(text))) == kind)
    }

    @Test(
        arguments: [
            ("::", .unspecified), ("::1", .loopback), ("::ffff:127.0.0.1", .loopback), ("::ffff:7f00:1", .loopback),
            ("::ffff:8.8.8.8", .public), ("::ffff:169.254.169.254", .metadata), ("::127.0.0.1", .loopback),
            ("::8.8.8.8", .reserved), ("::ffff:0:127.0.0.1", .loopback), ("64:ff9b::127.0.0.1", .loopback),
            ("64:ff9b::169.254.169.254", .metadata), ("64:ff9b::8.8.8.8", .public), ("64:ff9b:1::8.8.8.8", .private),
            ("64:ff9b:1::169.254.169.254", .metadata), ("2002:7f00:1::", .loopback), ("2002:a9fe:a9fe::1", .metadata),
            ("2002:808:808::", .reserved), ("2001:0:4136:e378:8000:63bf:80ff:fffe", .loopback),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", .reserved), ("fc00::1", .private), ("fd12:3456::1", .private),
            ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata), ("fe80::1", .linkLocal), ("febf::1", .linkLocal),
            ("fec0::1", .private), ("ff02::1", .multicast), ("5f00::1", .reserved), ("100::1", .reserved),
            ("2001:db8::1", .reserved), ("3fff::1", .reserved), ("2001:10::1", .reserved), ("4000::1", .reserved),
            ("2606:4700:4700::1111", .public), ("2a00:1450:4001::1", .public),
        ] as [(String, AddressKind)])
    func `an IPv6 address is of the kind of what it leads to`(text: String, kind: AddressKind) throws {
        #expect(AddressKind.of(try #require(IPAddress(text))) == kind)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "9.9.9.9", true),
        ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false), ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true), ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false),
        ("fd00::1:0/112", "fd00::1:9", true), ("fd00::1:0/112", "fd00::2:9", false), ("::/0", "fd00::1", true),
        ("::/0", "10.0.0.1", false),
    ])
    func `a block holds the addresses that share its prefix`(range: String, address: String, holds: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(IPAddress(address))) == holds)
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8/8", "fd00::/129", "localhost"])
    func `what is no block is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
