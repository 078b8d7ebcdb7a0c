/// How many of one key at a time, written `{ limit: 2, key: body.customer }`.
package struct KeyedLimit: Sendable, Hashable {
    package var limit: Int
    package var key: PathExpression

    package init(limit: Int, key: PathExpression) {
        self.limit = limit
        self.key = key
    }
}
