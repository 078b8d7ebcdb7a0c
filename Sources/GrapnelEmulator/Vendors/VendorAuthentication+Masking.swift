import GrapnelCore
import GrapnelFormat

extension VendorAuthentication {
    /// What stands where a credential was.
    private static let mask = "***"
    private static let alwaysSecret = ["Authorization", "Proxy-Authorization", "Cookie"]

    /// The header fields without credentials; the scheme of `Authorization` stays.
    func masked(_ headers: HeaderFields) -> HeaderFields {
        let secret = VendorAuthentication.alwaysSecret + secretHeaders
        return HeaderFields(
            headers.fields.map { (field) -> HeaderFields.Field in
                guard secret.contains(where: { HeaderFields.isSame($0, field.name) }) else { return field }
                let words = field.value.split(separator: " ")
                let scheme = words.count == 2 ? "\(words[0]) " : ""
                return HeaderFields.Field(name: field.name, value: scheme + VendorAuthentication.mask)
            })
    }

    /// The query without credentials.
    func masked(query: String) -> String {
        let secret = secretParameters.map { PercentEncoding.encode($0) }
        guard !secret.isEmpty else { return query }
        return query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
            let name = pair.prefix { $0 != "=" }
            return secret.contains(String(name)) ? "\(name)=\(VendorAuthentication.mask)" : String(pair)
        }.joined(separator: "&")
    }

    /// The path without the credentials that its pattern has.
    func masked(path: String, match: VendorMatch?) -> String {
        guard let match else { return path }
        if match.operation.isURLSecret { return "/" + VendorAuthentication.mask }
        let secrets = match.holes.filter { $0.hole.root == "credential" }.map { PercentEncoding.encode($0.text) }
        guard !secrets.isEmpty else { return path }
        return path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            secrets.contains(String(segment)) ? VendorAuthentication.mask : String(segment)
        }.joined(separator: "/")
    }
}
