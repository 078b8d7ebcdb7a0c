import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

extension Connection {
    /// A digest of where it goes and as whom.
    func fingerprint(secrets: any SecretReading, key: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        func add(_ bytes: [UInt8]) { text += Array("\(bytes.count):".utf8) + bytes }
        add(Array(connector.id.utf8))
        add(Array((base?.url.text ?? "").utf8))
        add(Array(hosts.sorted().joined(separator: ",").utf8))
        for (credential, secret) in secretNames.sorted(by: { $0.key < $1.key }) {
            add(Array(credential.utf8))
            add(secrets.secret(named: secret) ?? [])
        }
        return HMACSignature.sign(text, key: key, algorithm: .sha256)
    }
}
