package import GrapnelCore

/// `recipe.yaml`: which events a recipe wants and what it may use.
package struct RecipeManifest: Sendable {
    /// Whether an isolate serves one run or many.
    package enum Isolation: String, Sendable, CaseIterable {
        /// An isolate keeps what the handler left in its globals, and serves further runs of the same version.
        case warm
        /// Every run has an isolate that nothing ran in before.
        case fresh
    }

    /// The name of its folder.
    package var name: String
    package var summary: String
    /// The events that it wants.
    package var triggers: [EventTrigger]
    /// The times at which it runs without an event from outside.
    package var schedules: [Schedule]
    /// The handler's file in the folder: `.js`, `.ts`, or an executable; the first of several; empty for a command that
    /// is none of its files.
    package var handler: String
    /// The files of the pipeline after the first, in their order; only `auth0-rule` has any.
    package var furtherRules: [String]
    /// What is done in place of a handler; empty when there is one.
    package var forwards: [ForwardRule]
    /// What is done when a run or an output of the recipe gave up.
    package var onFailure: ForwardRule?
    package var style: RecipeStyle
    /// The program that handles events in place of a script; `nil` for a script.
    package var process: ProcessHandler?
    /// Connection → operations; nothing else can be called.
    package var uses: [String: [String]]
    /// What `fetch` may reach: exact host names, with a port when it is not the scheme's own.
    package var hosts: [String]
    /// `env` of the handler.
    package var variables: [String: String]
    package var reply: ReplyPolicy?
    package var limits: RecipeLimits
    /// Default warm.
    package var isolation: Isolation
    /// Tries of a run. Default 10.
    package var attempts: Int
    /// When its runs start.
    package var flow: RecipeFlow

    package init(
        name: String, summary: String, triggers: [EventTrigger], handler: String, furtherRules: [String] = [],
        style: RecipeStyle = .grapnel, uses: [String: [String]] = [:], hosts: [String] = [],
        variables: [String: String] = [:], reply: ReplyPolicy? = nil, limits: RecipeLimits = RecipeLimits(),
        isolation: Isolation = .warm, attempts: Int = 10, process: ProcessHandler? = nil, forwards: [ForwardRule] = [],
        onFailure: ForwardRule? = nil, schedules: [Schedule] = [], flow: RecipeFlow = RecipeFlow()
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
        self.isolation = isolation
        self.attempts = attempts
        self.process = process
        self.schedules = schedules
        self.flow = flow
        self.forwards = forwards
        self.onFailure = onFailure
    }

    /// What events that the hub makes for this recipe by time have as their source.
    package var scheduleSource: String { Event.source(ofSchedulesOf: name) }

    /// Every file that `handler:` names, in its order.
    package var handlers: [String] { [handler] + furtherRules }
}
