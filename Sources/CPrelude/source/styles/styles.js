// The older styles of handlers: each turns the exports of a bundle into a handler of this project's own form.
import { auth0Rule } from './auth0-rule.js'
import { lambda } from './lambda.js'
import { twilioFunction } from './twilio-function.js'
import { webtask } from './webtask.js'

function grapnel(exports) {
  const handler = typeof exports === 'function' ? exports : exports?.default
  if (typeof handler !== 'function') throw new TypeError('the handler has no default export that is a function')
  return handler
}

const styles = { grapnel, webtask, 'twilio-function': twilioFunction, lambda, 'auth0-rule': auth0Rule }

/** The handler that the exports of a bundle mean in this style; throws when they are not of it. */
export function adapt(style, exports) { return styles[style ?? 'grapnel'](exports) }
