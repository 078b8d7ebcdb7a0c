package import GrapnelCore

/// An entry of `alerts:`: an operation that is done for notices of the hub.
package struct AlertRule: Sendable, Hashable {
    /// Which notices; empty: all.
    package var kinds: [NoticeKind]
    package var rule: ForwardRule

    package init(kinds: [NoticeKind], rule: ForwardRule) {
        self.kinds = kinds
        self.rule = rule
    }
}
