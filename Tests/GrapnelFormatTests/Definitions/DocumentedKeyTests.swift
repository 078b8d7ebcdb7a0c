import GrapnelCore
import GrapnelFormat
import TestSupport
import Testing

/// The page of the formats knows every key that is read.
@Suite struct DocumentedKeyTests {
    private static let schemas: [(String, JSON)] = [
        ("grapnel.yaml", HubConfiguration.schema), ("recipe.yaml", RecipeManifest.schema),
        ("provider.yaml", ProviderDefinition.schema), ("connector.yaml", ConnectorDefinition.schema),
        ("a test of a recipe", RecipeTest.schema), ("a test of a connector", ConnectorTest.schema),
    ]

    /// The names under `properties`, at every depth.
    private static func keys(_ schema: JSON) -> Set<String> {
        var found: Set<String> = []
        switch schema {
        case .object(let object):
            for member in object.members {
                if member.key == "properties", let properties = member.value.object {
                    found.formUnion(properties.keys)
                }
                found.formUnion(keys(member.value))
            }
        case .array(let elements): for element in elements { found.formUnion(keys(element)) }
        default: break
        }
        return found
    }

    @Test func `every key stands on the page`() {
        let words = Set(
            Checkout.text("docs/formats.md").split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        for (file, schema) in Self.schemas {
            let missing = Self.keys(schema).subtracting(words)
            #expect(missing.isEmpty, "\(file): \(missing.sorted())")
        }
    }
}
