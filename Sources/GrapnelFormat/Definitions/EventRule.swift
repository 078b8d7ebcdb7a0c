/// `event:` of a provider: how a request becomes events.
package struct EventRule: Sendable {
    /// The path of the array whose elements become events; `nil`: the request is one event.
    package var each: PathExpression?
    /// The delivery id; absent: the delivery is not deduped. `item` is the element of a batch.
    package var id: Template?
    /// The type. An absent last part drops its dot; absent altogether: `unknown`.
    package var type: Template?

    package init(each: PathExpression? = nil, id: Template? = nil, type: Template? = nil) {
        self.each = each
        self.id = id
        self.type = type
    }
}
