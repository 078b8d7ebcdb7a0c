import COpenSSL

/// A hash function (FIPS 180-4, RFC 1321), alone or inside an HMAC.
package enum HashAlgorithm: String, Sendable, Hashable, CaseIterable {
    case sha1
    case sha256
    case sha512
    /// For fingerprints that a vendor asks for; never to prove anything.
    case md5

    /// The length of a digest in bytes.
    package var digestCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        case .md5: 16
        }
    }

    /// The C library's name of it.
    var function: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha512: EVP_sha512()
        case .md5: EVP_md5()
        }
    }
}
