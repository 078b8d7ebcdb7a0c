/// Why a secret cannot be sealed or opened.
struct SecretStoreError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
