/// How many in a time, of each key or, without one, of all together, written `{ limit: 50/1m, key: body.customer }`.
package struct KeyedRate: Sendable, Hashable {
    package var limit: RateLimit
    package var key: PathExpression?

    package init(limit: RateLimit, key: PathExpression?) {
        self.limit = limit
        self.key = key
    }
}
