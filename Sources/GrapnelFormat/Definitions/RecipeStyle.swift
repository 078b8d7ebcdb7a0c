/// `style:` of a recipe: what a handler's file exports, and how it is called.
package enum RecipeStyle: String, Sendable, Hashable, CaseIterable {
    /// `export default async (event, { call, send, … })`. The default.
    case grapnel
    /// `module.exports = function (cb)`, `(context, cb)` or `(context, req, res)`.
    case webtask
    /// `exports.handler = (context, event, callback)`.
    case twilioFunction = "twilio-function"
    /// `exports.handler = async (event, context)`, with or without a callback.
    case lambda
    /// `function (user, context, callback)`; several files are a pipeline.
    case auth0Rule = "auth0-rule"
}
