// The older styles of handlers: each turns the exports of a bundle into a handler of this project's own form.
function grapnel(exports) {
  const handler = typeof exports === 'function' ? exports : exports?.default
  if (typeof handler !== 'function') throw new TypeError('the handler has no default export that is a function')
  return handler
}

// As with modules, what a recipe does not ask for is not evaluated.
const styles = {
  grapnel: () => grapnel,
  webtask: () => require('./webtask.js').webtask,
  'twilio-function': () => require('./twilio-function.js').twilioFunction,
  lambda: () => require('./lambda.js').lambda,
  'auth0-rule': () => require('./auth0-rule.js').auth0Rule,
}

/** The handler that the exports of a bundle mean in this style; throws when they are not of it. */
export function adapt(style, exports) { return styles[style ?? 'grapnel']()(exports) }
