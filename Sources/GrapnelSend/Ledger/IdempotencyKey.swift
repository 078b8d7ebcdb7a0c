package import GrapnelCore
import GrapnelCrypto

/// The name of an effect towards vendors: the same over attempts, nodes and restores, and not to be guessed.
package enum IdempotencyKey {
    /// `h1_` and 52 digits of base 32: HMAC-SHA-256 of the first run's id, the recipe and the step.
    ///
    /// - Parameters:
    ///   - origin: The first run of the line of replays.
    ///   - recipe: The recipe's name.
    ///   - step: The author's key, else `connection.operation#n`.
    ///   - tenantKey: The tenant's key, so that no tenant can make another's keys.
    package static func make(
        origin: Identifier<Run>, recipe: String, step: String, tenantKey: [UInt8]
    ) -> String {
        // The id has a fixed length and a recipe's name holds no zero byte, so no two triples read the same.
        let message = origin.bytes + Array(recipe.utf8) + [0] + Array(step.utf8)
        return "h1_" + CrockfordBase32.encode(HMACSignature.sign(message, key: tenantKey, algorithm: .sha256))
    }
}
