import GrapnelSend
import Testing

@Suite struct AddressGuardTests {
    private func verdict(
        _ allow: [String], _ address: String, port: UInt16 = 443, host: String = "example.com",
        ownPorts: Set<UInt16> = []
    ) throws -> AddressGuard.Verdict {
        let allowances = try allow.map { try #require(AddressGuard.Allowance($0)) }
        return AddressGuard(allowances: allowances, ownPorts: ownPorts)
            .verdict(on: try #require(IPAddress(address)), port: port, host: host)
    }

    @Test func `a fresh guard lets public addresses through and no others`() throws {
        #expect(try verdict([], "93.184.216.34") == .allowed)
        #expect(try verdict([], "10.0.0.1") == .refused(.private))
        #expect(try verdict([], "::ffff:10.0.0.1") == .refused(.private))
    }

    @Test(arguments: ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"])
    func `metadata is refused whatever is allowed`(address: String) throws {
        let allow = ["0.0.0.0/0", "::/0", "metadata.google.internal"]
        #expect(try verdict(allow, address, host: "metadata.google.internal") == .refused(.metadata))
    }

    @Test func `an allowed block opens its addresses for any host`() throws {
        #expect(try verdict(["10.0.0.0/8"], "10.1.2.3") == .allowed)
        #expect(try verdict(["10.0.0.0/8"], "192.168.1.1") == .refused(.private))
    }

    @Test func `an allowed host opens what it resolves to, on its port when it names one`() throws {
        #expect(try verdict(["localhost:3000"], "127.0.0.1", port: 3000, host: "localhost") == .allowed)
        #expect(try verdict(["localhost:3000"], "::1", port: 3000, host: "localhost") == .allowed)
        #expect(try verdict(["localhost:3000"], "127.0.0.1", port: 3001, host: "localhost") == .refused(.loopback))
        #expect(try verdict(["localhost:3000"], "127.0.0.1", port: 3000, host: "evil.com") == .refused(.loopback))
        #expect(try verdict(["localhost"], "127.0.0.1", port: 9000, host: "localhost") == .allowed)
        #expect(try verdict(["[::1]:3000"], "::1", port: 3000, host: "0:0:0:0:0:0:0:1") == .allowed)
    }

    @Test func `unspecified and multicast addresses are never dialled`() throws {
        #expect(try verdict(["0.0.0.0/0"], "0.0.0.0") == .refused(.unspecified))
        #expect(try verdict(["0.0.0.0/0"], "224.0.0.1") == .refused(.multicast))
    }

    @Test(arguments: [22, 25, 2375, 3306, 5432, 6379] as [UInt16])
    func `a port of something else than HTTP must be named with its host`(port: UInt16) throws {
        #expect(try verdict([], "93.184.216.34", port: port) == .refusedPort(port))
        #expect(try verdict(["10.0.0.0/8"], "10.0.0.1", port: port) == .refusedPort(port))
        #expect(try verdict(["app:\(port)"], "10.0.0.1", port: port, host: "app") == .allowed)
    }

    @Test func `the hub's own management port stays shut`() throws {
        #expect(
            try verdict(["127.0.0.0/8"], "127.0.0.1", port: 8081, ownPorts: [8081]) == .refused(.loopback))
        #expect(try verdict(["127.0.0.0/8"], "127.0.0.1", port: 8080, ownPorts: [8081]) == .allowed)
    }

    @Test(arguments: ["", "http://x", "a b", "host:0", "host:99999", "10.0.0.0/40", "user@host", "host/path"])
    func `an entry that is neither host nor block is no entry`(text: String) {
        #expect(AddressGuard.Allowance(text) == nil)
    }
}
