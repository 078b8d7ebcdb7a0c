// The second argument of a handler: { call, send, emit, kv, log, env, fetch, run }.
import { host, Kind } from './host.js'
import { state } from './state.js'
import { ask } from './operations.js'
import { log } from './console.js'
import { milliseconds } from './errors.js'

function input(value) {
  return value === undefined ? {} : value
}

function key(options) {
  return options?.key === undefined ? null : String(options.key)
}

/** A Date, a number of milliseconds or a text as Date reads it, as milliseconds since 1970. */
function moment(value) {
  if (value === undefined || value === null) return null
  const time = new Date(value).getTime()
  if (Number.isNaN(time)) throw new TypeError(`${value} is no time: give a Date, or a text such as 2026-01-05T09:00:00Z`)
  return time
}

/** One object for each connection, one function for each operation that the manifest allows. */
function functions(make) {
  const result = {}
  for (const [connection, operations] of Object.entries(state.connections)) {
    const entries = operations.map((operation) => [operation, make(connection, operation)])
    result[connection] = guarded(Object.fromEntries(entries), `connection ${connection}`, 'operation')
  }
  return guarded(result, 'manifest', 'connection')
}

/** A name that is not there says what to do, where `undefined is not a function` would not. */
function guarded(target, where, what) {
  return new Proxy(Object.freeze(target), {
    get(object, name) {
      if (name in object || typeof name === 'symbol' || name === 'then') return object[name]
      throw new TypeError(`the ${what} ${name} is not in the ${where}: name it under uses: in recipe.yaml`)
    },
  })
}

export function makeContext(run) {
  const call = functions((connection, operation) => (value, options) => ask(Kind.call, {
    connection, operation, input: input(value), key: key(options),
    timeout: options?.timeout === undefined ? null : milliseconds(options.timeout),
  }))
  const send = functions((connection, operation) => (value, options) => {
    if (!state.active) throw new Error('the run has ended')
    host.post(Kind.send, 0, JSON.stringify({
      connection, operation, input: input(value), key: key(options),
      delay: options?.delay === undefined ? 0 : milliseconds(options.delay),
    }))
  })
  const emit = (type, data, options) => {
    if (!state.active) throw new Error('the run has ended')
    host.post(Kind.send, 0, JSON.stringify({
      emit: String(type), data: input(data), key: key(options),
      delay: options?.delay === undefined ? 0 : milliseconds(options.delay), at: moment(options?.at),
    }))
  }
  return Object.freeze({ call, send, emit, kv, log, env: state.environment, fetch: globalThis.fetch, run })
}

const ask_kv = (document) => ask(Kind.keyValue, document)

const kv = Object.freeze({
  async get(name) {
    const entry = await ask_kv({ op: 'get', key: String(name) })
    return entry === null ? undefined : entry.value
  },
  async getEntry(name) {
    const entry = await ask_kv({ op: 'get', key: String(name) })
    return entry === null ? { value: undefined, version: 0 } : entry
  },
  async set(name, value, { ttl, ifVersion, now = false } = {}) {
    if (value === undefined) throw new TypeError('kv.set takes a JSON value; kv.delete removes a key')
    const entry = await ask_kv({
      op: 'set', key: String(name), value, ttl: ttl === undefined ? null : milliseconds(ttl),
      ifVersion: ifVersion === undefined ? null : Number(ifVersion), now: Boolean(now),
    })
    return entry.version
  },
  delete: (name, { now = false } = {}) => ask_kv({ op: 'delete', key: String(name), now: Boolean(now) }),
  list: (prefix = '') => ask_kv({ op: 'list', prefix: String(prefix) }),
  increment: (name, by = 1, { now = false } = {}) =>
    ask_kv({ op: 'increment', key: String(name), by: Number(by), now: Boolean(now) }),
})
