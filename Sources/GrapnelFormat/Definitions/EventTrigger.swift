/// One entry of `on:`: the events of a source that a recipe wants.
package struct EventTrigger: Sendable {
    package var source: String
    /// Any of these; empty: every type.
    package var events: [EventPattern]
    /// `where:`; `nil`: no condition.
    package var condition: Predicate?

    package init(source: String, events: [EventPattern] = [], condition: Predicate? = nil) {
        self.source = source
        self.events = events
        self.condition = condition
    }
}
