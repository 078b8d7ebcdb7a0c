import GrapnelRun
import Testing

@Suite struct VariableLengthQuantityTests {
    @Test(arguments: [
        ("A", [0]), ("C", [1]), ("D", [-1]), ("gB", [16]), ("2H", [123]), ("AAgBC", [0, 0, 16, 1]), ("", []),
        ("+/////D", [2_147_483_647]),
    ])
    func `numbers are read`(text: String, numbers: [Int]) {
        #expect(VariableLengthQuantity.decode(text.utf8) == numbers)
    }

    @Test(arguments: ["g", "A!", "ggggggggggB", "é"])
    func `what is no list of numbers is refused`(text: String) {
        #expect(VariableLengthQuantity.decode(text.utf8) == nil)
    }
}
