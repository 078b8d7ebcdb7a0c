package import GrapnelCore

/// `recipe.yaml`: which events a recipe wants and what it may use.
package struct RecipeManifest: Sendable {
    /// The name of its folder.
    package var name: String
    package var summary: String
    package var triggers: [EventTrigger]
    /// The handler's file in the folder, `.js` or `.ts`; the first of several.
    package var handler: String
    /// The files of the pipeline after the first, in their order; only `auth0-rule` has any.
    package var furtherRules: [String]
    package var style: RecipeStyle
    /// Connection → operations; nothing else can be called.
    package var uses: [String: [String]]
    /// What `fetch` may reach: exact host names, with a port when it is not the scheme's own.
    package var hosts: [String]
    /// `env` of the handler.
    package var variables: [String: String]
    package var reply: ReplyPolicy?
    package var limits: RecipeLimits
    /// Tries of a run. Default 10.
    package var attempts: Int

    package init(
        name: String, summary: String, triggers: [EventTrigger], handler: String, furtherRules: [String] = [],
        style: RecipeStyle = .grapnel, uses: [String: [String]] = [:], hosts: [String] = [],
        variables: [String: String] = [:], reply: ReplyPolicy? = nil,
        limits: RecipeLimits = RecipeLimits(), attempts: Int = 10
    ) {
        self.name = name
        self.summary = summary
        self.triggers = triggers
        self.handler = handler
        self.furtherRules = furtherRules
        self.style = style
        self.uses = uses
        self.hosts = hosts
        self.variables = variables
        self.reply = reply
        self.limits = limits
        self.attempts = attempts
    }
    /// Every file that `handler:` names, in its order.
    package var handlers: [String] { [handler] + furtherRules }
}
