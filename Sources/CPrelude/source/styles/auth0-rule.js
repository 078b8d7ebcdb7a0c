// `style: auth0-rule`: function (user, context, callback). Several rules are a pipeline: each is given the user and the
// context that the one before it called back with. https://auth0.com/docs/customize/rules
import { state } from '../state.js'
import { heard } from './callback.js'

/** What a rule calls back with when the login is refused: an answer and no failure. */
class UnauthorizedError extends Error {
  get name() { return 'UnauthorizedError' }
}

export function auth0Rule(exports) {
  const rules = [exports].flat()
  for (const [index, rule] of rules.entries()) {
    if (typeof rule !== 'function') throw new TypeError(`rule ${index + 1} is no function (user, context, callback)`)
  }
  Object.assign(globalThis, { UnauthorizedError, configuration: { ...state.environment } })
  return async function (event) {
    let { user, context } = given(event)
    for (const rule of rules) {
      try {
        const values = await heard((callback) => rule(user, context, callback))
        user = values[0] ?? user
        context = values[1] ?? context
      } catch (error) {
        if (!(error instanceof UnauthorizedError)) throw error
        return Response.json({ error: 'unauthorized', error_description: error.message }, { status: 401 })
      }
    }
    return Response.json({ user, context })
  }
}

/** A body `{ user, context }`, or one that is the user. */
function given(event) {
  const body = structuredClone(event.body)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Discard('the body of the event is no user of a rule')
  if (typeof body.user !== 'object' || body.user === null) return { user: body, context: {} }
  return { user: body.user, context: body.context ?? {} }
}
