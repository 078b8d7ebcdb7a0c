import GrapnelCore
import GrapnelFormat

/// A scheme with its keys decoded once, so that a request costs no more than its own hash.
struct PreparedScheme: Sendable {
    /// One secret as this scheme's key.
    struct Key: Sendable {
        let verdict: Verdict
        let material: SignatureKeyMaterial

        var bytes: [UInt8]? {
            guard case .bytes(let bytes) = material else { return nil }
            return bytes
        }
    }

    let scheme: SignatureScheme
    /// The secrets that are keys of this scheme.
    let keys: [Key]
    /// Whether the URL is signed, and its variants matter.
    let signsURL: Bool
    /// Whether the key is part of what is hashed.
    let signsSecret: Bool
    /// Header fields that are signed, each with the text that ends it in what is signed.
    private let endings: [(header: PathExpression, ending: String)]

    init(_ scheme: SignatureScheme, secrets: [SourceSecret]) {
        self.scheme = scheme
        keys = secrets.compactMap { secret in
            scheme.key.material(of: secret.value, for: scheme.algorithm).map { material in
                Key(
                    verdict: Verdict(scheme: scheme.name, secretName: secret.name, secretVersion: secret.version),
                    material: material)
            }
        }
        let roots = Set((scheme.signs?.placeholders ?? []).map(\.path.root))
        signsURL = roots.contains("url")
        signsSecret = roots.contains("secret")
        endings = PreparedScheme.endings(scheme.signs?.parts ?? [])
    }

    /// Whether the signed parts can be told apart in what is signed.
    ///
    /// Where `id.time.body` is signed, an id with a dot in it could take over the time, and the time the start of the
    /// body, under the same signature; so a field must not hold the text that ends it.
    func isUnambiguous(_ scope: RequestScope) -> Bool {
        endings.allSatisfy { part in
            part.header.first(in: scope)?.string.map { !$0.contains(part.ending) } ?? true
        }
    }

    private static func endings(_ parts: [Template.Part]) -> [(header: PathExpression, ending: String)] {
        zip(parts, parts.dropFirst()).compactMap { part, next in
            guard case .placeholder(let placeholder) = part, placeholder.path.root == "headers",
                placeholder.filters.isEmpty, case .text(let ending) = next
            else { return nil }
            return (placeholder.path, ending)
        }
    }
}
