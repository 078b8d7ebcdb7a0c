package import GrapnelCore

/// The part of JSON Schema (draft 2020-12) that inputs of operations are described by. What it does not know is an
/// error when the schema is read, never a check that silently passes.
package struct JSONSchema: Sendable {
    /// The schema as it was written.
    package let definition: JSON
    private let root: SchemaNode

    /// Reads a schema.
    package init(_ definition: JSON) throws(JSONSchemaError) {
        self.definition = definition
        root = try SchemaNode(definition, path: "", depth: 0)
    }

    /// Every way in which `value` does not fit, at most 20.
    package func violations(of value: JSON) -> [SchemaViolation] {
        var violations: [SchemaViolation] = []
        root.check(value, path: "", violations: &violations)
        return Array(violations.prefix(20))
    }
}
