import GrapnelCrypto
import Testing

@Suite struct EncodingTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base 64 is that of RFC 4648`(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == encoded)
        #expect(Base64.decode(encoded) == bytes)
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == bytes)
        #expect(Base64.encodeURL(bytes) == encoded.filter { $0 != "=" })
    }

    @Test func `both alphabets are read, each is written where it is asked for`() {
        let bytes: [UInt8] = [0xFB, 0xFF, 0xFE]
        #expect(Base64.encode(bytes) == "+//+")
        #expect(Base64.encodeURL(bytes) == "-__-")
        #expect(Base64.decode("+//+") == bytes)
        #expect(Base64.decode("-__-") == bytes)
    }

    @Test(arguments: ["Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v=", "Zm 9v", "Zm9v\n", "=Zm9v", "Zg==Zg==", "Zm9ö"])
    func `what is not base 64 is refused, also where bits are left over`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `any bytes come back from both texts`() {
        for count in 0..<70 {
            let bytes = SecureRandom.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.encodeURL(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test func `hexadecimal is written in lower case and read in both`() {
        #expect(Hex.encode([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(Hex.decode("000FA5ff") == [0x00, 0x0F, 0xA5, 0xFF])
        #expect(Hex.decode("") == [])
    }

    @Test(arguments: ["0", "0g", "0x00", " 00", "００"])
    func `what is not hexadecimal is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
