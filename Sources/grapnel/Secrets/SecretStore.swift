import GrapnelCore
import GrapnelCrypto

/// The sealed secrets of a hub: one file of AES-256-GCM boxes in the state directory, and their key outside of it.
///
/// A secret's box is bound to its name, so that two boxes cannot be exchanged.
struct SecretStore {
    private let paths: HubPaths
    private let keyPath: String?
    private let environment: [String: String]

    init(paths: HubPaths, environment: [String: String]) {
        self.paths = paths
        self.environment = environment
        keyPath = environment["GRAPNEL_KEY_FILE"]
    }

    /// The names of the sealed secrets, sorted.
    func names() throws -> [String] { try boxes().keys.sorted() }

    /// The value of a sealed secret; `nil` when there is none of this name.
    func value(of name: String) throws -> [UInt8]? {
        guard let box = try boxes()[name] else { return nil }
        do {
            return try Sealer(key: try key()).open(box, authenticating: Array(name.utf8))
        } catch {
            throw SecretStoreError(
                "the secret \(name) cannot be opened with the key in \(try keyLocation()): "
                    + "restore the key it was sealed with, or set it again: grapnel secret set \(name)")
        }
    }

    /// Every sealed secret, opened.
    func values() throws -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        for name in try names() { values[name] = try value(of: name) }
        return values
    }

    /// Seals `value` under `name`, in place of an earlier one.
    func set(_ name: String, to value: [UInt8]) throws {
        var boxes = try boxes()
        boxes[name] = try Sealer(key: try key()).seal(value, authenticating: Array(name.utf8))
        try write(boxes)
    }

    /// Removes a secret; `false` when there was none.
    func remove(_ name: String) throws -> Bool {
        var boxes = try boxes()
        guard boxes.removeValue(forKey: name) != nil else { return false }
        try write(boxes)
        return true
    }

    /// The key of the hub: 32 bytes, made on first use. Also the root of its idempotency keys.
    func key() throws -> [UInt8] {
        if let text = environment["GRAPNEL_KEY"] {
            guard let key = Base64.decode(text), key.count == 32 else {
                throw SecretStoreError("GRAPNEL_KEY must be 32 bytes in base64: make one with: openssl rand -base64 32")
            }
            return key
        }
        let path = try keyLocation()
        if FileSystem.exists(path) {
            let text = try FileSystem.readText(path).filter { !$0.isWhitespace }
            guard let key = Base64.decode(text), key.count == 32 else {
                throw SecretStoreError("\(path) does not hold a key of 32 bytes in base64")
            }
            return key
        }
        let key = SecureRandom.bytes(32)
        if let slash = path.lastIndex(of: "/") { try FileSystem.makeDirectory(String(path[..<slash]), mode: 0o700) }
        try FileSystem.write(Array((Base64.encode(key) + "\n").utf8), to: path, mode: 0o600)
        return key
    }

    /// Tells this key from another one, and nothing of it; `nil` when there is none yet.
    func keyCheck() throws -> String? {
        let isThere = try environment["GRAPNEL_KEY"] != nil || FileSystem.exists(keyLocation())
        guard isThere else { return nil }
        let code = HMACSignature.sign(Array("grapnel key check 1".utf8), key: try key(), algorithm: .sha256)
        return Hex.encode(Array(code.prefix(8)))
    }

    /// Where the key is, for messages and `grapnel doctor`.
    func keyLocation() throws -> String {
        if let keyPath { return keyPath }
        let home = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { "\($0)/.config" }
        guard let home else {
            throw SecretStoreError("HOME is not set: name the key file by GRAPNEL_KEY_FILE")
        }
        return "\(home)/grapnel/\(try hubID()).key"
    }

    private func hubID() throws -> String {
        if FileSystem.exists(paths.hubID) { return try FileSystem.readText(paths.hubID).filter { !$0.isWhitespace } }
        try paths.makeState()
        let id = CrockfordBase32.encode(SecureRandom.bytes(10))
        try FileSystem.write(Array((id + "\n").utf8), to: paths.hubID, mode: 0o600)
        return id
    }

    private func boxes() throws -> [String: [UInt8]] {
        guard FileSystem.exists(paths.sealedSecrets) else { return [:] }
        guard case .object(let object)? = try? JSONParser.parse(try FileSystem.read(paths.sealedSecrets)) else {
            throw SecretStoreError("\(paths.sealedSecrets) is damaged: restore it from a backup, or remove it")
        }
        var boxes: [String: [UInt8]] = [:]
        for member in object.members { boxes[member.key] = member.value.string.flatMap { Base64.decode($0) } }
        return boxes
    }

    private func write(_ boxes: [String: [UInt8]]) throws {
        try paths.makeState()
        let members = boxes.sorted { $0.key < $1.key }.map { ($0.key, JSON.string(Base64.encode($0.value))) }
        try FileSystem.write(
            JSONWriter.bytes(.object(JSONObject(members)), style: .indented), to: paths.sealedSecrets, mode: 0o600)
    }
}
