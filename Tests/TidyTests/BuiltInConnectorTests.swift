import CConnectors
import TestSupport
import Testing

/// The program carries the vendors' files with it, so that every hub directory has them.
@Suite struct BuiltInConnectorTests {
    @Test func `the program carries what is in the folder connectors`() {
        var count = 0
        let files = UnsafeBufferPointer(start: grapnel_connector_files(&count), count: count)
        let carried = files.map { String(cString: $0.path) }
        var expected: [String] = []
        for vendor in Checkout.names(in: "connectors") {
            for file in Checkout.names(in: "connectors/\(vendor)") where file.hasSuffix(".yaml") {
                expected.append("\(vendor)/\(file)")
            }
            expected += Checkout.names(in: "connectors/\(vendor)/samples").map { "\(vendor)/samples/\($0)" }
        }
        #expect(carried.sorted() == expected.sorted(), "list them anew: make connectors")
        for (path, file) in zip(carried, files) {
            let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
            #expect(bytes == Checkout.bytes("connectors/\(path)"), "\(path)")
        }
    }
}
