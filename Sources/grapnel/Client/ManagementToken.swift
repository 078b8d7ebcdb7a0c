import GrapnelCrypto

/// The token of the management API's TCP port: a file of the state directory that only the hub's user may read.
enum ManagementToken {
    /// The token, made when there is none yet.
    static func make(at paths: HubPaths) throws -> String {
        if let token = try read(at: paths) { return token }
        let token = Hex.encode(SecureRandom.bytes(32))
        try FileSystem.write(Array((token + "\n").utf8), to: paths.token, mode: 0o600)
        return token
    }

    /// The token; `nil` when no hub has made one.
    static func read(at paths: HubPaths) throws -> String? {
        guard FileSystem.exists(paths.token) else { return nil }
        let token = try FileSystem.readText(paths.token).filter { !$0.isWhitespace }
        return token.isEmpty ? nil : token
    }
}
