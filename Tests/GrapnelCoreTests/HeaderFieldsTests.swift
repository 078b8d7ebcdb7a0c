import GrapnelCore
import Testing

@Suite struct HeaderFieldsTests {
    private let fields = HeaderFields([("X-One", "1"), ("x-two", "2: a"), ("X-ONE", "3"), ("Empty", "")])

    @Test func `names are found without regard to case, values in order`() {
        #expect(fields.first("x-one") == "1")
        #expect(fields.values("x-oNE") == ["1", "3"])
        #expect(fields.first("x-three") == nil)
        #expect(!HeaderFields.isSame("@x", "`x"))
    }

    @Test func `the stored form is exact`() {
        #expect(HeaderFields(encoded: fields.encoded) == fields)
    }

    @Test func `set replaces every field of the name`() {
        var changed = fields
        changed.set("x-one", "9")
        #expect(changed.values("X-One") == ["9"])
    }
}
