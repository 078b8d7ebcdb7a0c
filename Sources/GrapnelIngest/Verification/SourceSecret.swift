import GrapnelCrypto

/// A secret of a source: its name, which people see, and its text, which nobody does.
package struct SourceSecret: Sendable, CustomStringConvertible {
    /// The name under which it is kept.
    package let name: String
    let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// 32 bits that tell one value from its successor and say nothing of either.
    package var version: String {
        let print = HMACSignature.sign(
            Array("grapnel secret version".utf8), key: Array(value.utf8), algorithm: .sha256)
        return Hex.encode(Array(print.prefix(4)))
    }

    /// The name alone, so that no log or test message shows the value.
    package var description: String { name }
}

extension SourceSecret: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
