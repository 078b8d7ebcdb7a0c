package import GrapnelCore

/// The scope of an operation that is left behind without code: of an event `body headers query form raw event env`, of
/// a notice `notice event`, of a failure `recipe event error run notice`.
package struct ForwardScope: ValueScope {
    private let occasion: ForwardOccasion
    private let event: EventScope
    private let body: JSON?
    private let variables: [String: String]

    /// - Parameters:
    ///   - event: The event; of a notice or a failure the notice's own.
    ///   - body: Its body, parsed.
    ///   - variables: `variables:` of the recipe.
    package init(_ occasion: ForwardOccasion, event: Event, body: JSON?, variables: [String: String] = [:]) {
        self.occasion = occasion
        self.event = EventScope(event: event, body: body)
        self.body = body
        self.variables = variables
    }

    package func root(_ name: String) -> ScopeValue? {
        switch (occasion, name) {
        case (.event, "env"):
            .json(.object(JSONObject(variables.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
        case (.event, _): event.root(name)
        case (.notice, "notice"), (.failure, "notice"): body.map { .json($0) }
        case (.notice, "event"): event.root(name)
        case (.failure, "recipe"), (.failure, "error"), (.failure, "run"), (.failure, "event"):
            body?["details"]?[name].map { .json($0) }
        default: nil
        }
    }

    package func isForm(_ name: String) -> Bool { occasion == .event && event.isForm(name) }
}
