// `style: webtask`: module.exports = function (cb) | (context, cb) | (context, req, res).
// The callback's value is answered as JSON, as webtask.io did.
import { heard } from './callback.js'
import { IncomingMessage, ServerResponse } from './server.js'

export function webtask(exports) {
  const task = typeof exports === 'function' ? exports : exports?.default
  if (typeof task !== 'function') throw new TypeError('a webtask is module.exports = function (context, cb)')
  return async function (event, given) {
    const context = taskContext(event, given)
    if (task.length === 3) {
      const response = new ServerResponse()
      // An error that is thrown or rejected ends the run; otherwise the response does.
      const failed = heard(() => task(context, new IncomingMessage(event), response)).then(() => response.finished)
      return Promise.race([response.finished, failed])
    }
    const [value] = await heard((callback) => (task.length < 2 ? task(callback) : task(context, callback)), { takesReturn: task.length === 0 })
    return value === undefined ? new Response(null, { status: 200 }) : Response.json(value)
  }
}

function taskContext(event, { env, kv }) {
  const body = typeof event.body === 'object' && event.body !== null ? event.body : undefined
  return {
    data: { ...event.query, ...(Array.isArray(body) ? undefined : body), ...env },
    query: { ...event.query }, params: { ...event.query }, body: body ?? {}, headers: { ...event.headers },
    secrets: { ...env }, meta: {}, body_raw: new TextDecoder().decode(event.raw), storage: storage(kv),
  }
}

/** The one document that a webtask keeps; here the key `storage` of the recipe's store. */
function storage(kv) {
  return {
    get(callback) { kv.getEntry('storage').then(({ value }) => callback(null, value), callback) },
    set(value, options, callback = options) {
      kv.set('storage', value).then(() => callback(null), callback)
    },
  }
}
