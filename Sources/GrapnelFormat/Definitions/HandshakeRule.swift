/// One entry of `handshake:`: a request that is answered and makes no event.
package struct HandshakeRule: Sendable {
    /// When it applies.
    package var condition: Predicate
    /// Whether the request must carry a right signature. Default true.
    package var isVerified: Bool
    package var answer: AnswerTemplate

    package init(condition: Predicate, isVerified: Bool = true, answer: AnswerTemplate) {
        self.condition = condition
        self.isVerified = isVerified
        self.answer = answer
    }
}
