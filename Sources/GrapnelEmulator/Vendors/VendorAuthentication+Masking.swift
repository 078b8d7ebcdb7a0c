import GrapnelCore
import GrapnelFormat

extension VendorAuthentication {
    /// What stands where a credential was.
    private static let mask = "***"
    private static let secretHeaders: Set<String> = ["authorization", "proxy-authorization", "cookie"]

    /// The header fields without credentials; the scheme of `Authorization` stays.
    func masked(_ headers: HeaderFields) -> HeaderFields {
        HeaderFields(
            headers.fields.map { field -> HeaderFields.Field in
                if VendorAuthentication.secretHeaders.contains(field.name.lowercased()) {
                    let scheme = field.value.split(separator: " ").first.map { "\($0) " } ?? ""
                    let isSchemed = scheme.utf8.count <= field.value.utf8.count
                    return HeaderFields.Field(
                        name: field.name, value: (isSchemed ? scheme : "") + VendorAuthentication.mask)
                }
                if case .header(let name, _) = rule, HeaderFields.isSame(field.name, name) {
                    return HeaderFields.Field(name: field.name, value: VendorAuthentication.mask)
                }
                return field
            })
    }

    /// The query without credentials.
    func masked(query: String) -> String {
        guard case .query(let name, _) = rule else { return query }
        return query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
            pair.hasPrefix(PercentEncoding.encode(name) + "=")
                ? "\(PercentEncoding.encode(name))=\(VendorAuthentication.mask)" : String(pair)
        }.joined(separator: "&")
    }

    /// The path without the credentials that its pattern has.
    func masked(path: String, match: VendorMatch?) -> String {
        if match?.operation.isURLSecret == true { return "/" + VendorAuthentication.mask }
        let secrets = (match?.holes ?? []).filter { $0.hole.root == "credential" }.map {
            PercentEncoding.encode($0.text)
        }
        guard !secrets.isEmpty else { return path }
        return path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            secrets.contains(String(segment)) ? VendorAuthentication.mask : String(segment)
        }.joined(separator: "/")
    }
}
