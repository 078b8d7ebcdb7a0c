/// Why a schema cannot be used.
package struct JSONSchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in the schema, such as `properties.channel`.
    package var path: String
    package var message: String

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
