import GrapnelFormat

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The connectors of the repository, read from their files.
enum ShippedConnectors {
    /// `connectors/`, found from this file.
    private static let folder: String = {
        let parts = #filePath.split(separator: "/").dropLast(4)
        return "/" + parts.joined(separator: "/") + "/connectors"
    }()

    /// The connectors that this target describes.
    static let names = ["github", "http", "hubspot", "slack", "twilio", "webhook"]

    static func definition(_ name: String) throws -> ConnectorDefinition {
        let file = "\(folder)/\(name)/connector.yaml"
        return try ConnectorDefinition.decode(
            yaml: String(contentsOfFile: file, encoding: .utf8), id: name, file: "connectors/\(name)/connector.yaml")
    }

    static func tests(_ name: String) throws -> [ConnectorTest] {
        let tests = "\(folder)/\(name)/tests"
        return try FileManager.default.contentsOfDirectory(atPath: tests).filter { $0.hasSuffix(".yaml") }.sorted().map
        {
            try ConnectorTest.decode(
                yaml: String(contentsOfFile: "\(tests)/\($0)", encoding: .utf8), name: String($0.dropLast(5)),
                file: "connectors/\(name)/tests/\($0)")
        }
    }
}
