/// A setting as it is in force.
struct Setting {
    /// Its path in grapnel.yaml, such as `limits.isolates`.
    let key: String
    let value: String
    /// `default`, `grapnel.yaml:12`, the name of an environment variable, or where a secret is.
    let origin: String
}
