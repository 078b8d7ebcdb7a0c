import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

extension ConnectionTable {
    /// A digest of where each connection goes and as whom: another one means that what its vendor refused may be taken
    /// now. It tells nothing of the credentials to who has not the key.
    package func fingerprints(key: [UInt8]) -> [String: [UInt8]] {
        let (connections, secrets) = settings
        return Dictionary(
            connections.map { connection in
                var text: [UInt8] = []
                func add(_ bytes: [UInt8]) { text += Array("\(bytes.count):".utf8) + bytes }
                add(Array(connection.connector.id.utf8))
                add(Array((connection.base?.url.text ?? "").utf8))
                add(Array(connection.hosts.sorted().joined(separator: ",").utf8))
                for (credential, secret) in connection.secretNames.sorted(by: { $0.key < $1.key }) {
                    add(Array(credential.utf8))
                    add(secrets.secret(named: secret) ?? [])
                }
                return (connection.name, HMACSignature.sign(text, key: key, algorithm: .sha256))
            }, uniquingKeysWith: { first, _ in first })
    }
}
