// What `require` and `import` find without a file: Node's modules that an isolate has, and the clients over fetch that
// older code asks for. The bundler leaves these names to `provide`; its list is ModuleShelf.swift.
//
// Each is evaluated when it is first asked for: what a handler does not use takes no memory of its isolate.

const builtIn = {
  assert: () => require('./node/assert.js').default,
  'assert/strict': () => require('./node/assert.js').strict,
  buffer: () => require('./node/buffer.js').default,
  crypto: () => require('./node/crypto.js').default,
  events: () => require('./node/events.js').default,
  http: () => require('./node/http.js').default,
  https: () => require('./node/http.js').https,
  path: () => require('./node/path.js').default,
  'path/posix': () => require('./node/path.js').default,
  process: () => require('./node/process.js').default,
  querystring: () => require('./node/querystring.js').default,
  string_decoder: () => require('./node/string_decoder.js').default,
  timers: () => require('./node/timers.js').default,
  'timers/promises': () => require('./node/timers.js').promises,
  url: () => require('./node/url.js').default,
  util: () => require('./node/util.js').default,
  'util/types': () => require('./node/util.js').types,
}
const clients = {
  axios: () => require('./clients/axios.js').default,
  jsonwebtoken: () => require('./clients/jsonwebtoken.js').default,
  'node-fetch': () => require('./clients/node-fetch.js').default,
  request: () => require('./clients/request.js').default,
  'request-promise': () => require('./clients/request.js').requestPromise,
  'request-promise-native': () => require('./clients/request.js').requestPromise,
  twilio: () => require('./clients/twilio.js').default,
}

/** The `require` of a bundle, for what it does not hold. */
export function provide(name) {
  const plain = String(name).replace(/^node:/, '').replace(/\/$/, '')
  if (Object.hasOwn(builtIn, plain)) return builtIn[plain]()
  // Older platforms name a package with its version; there is one of each.
  const unversioned = String(name).replace(/@[^@/]*$/, '')
  if (Object.hasOwn(clients, unversioned)) return clients[unversioned]()
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' })
}

/** A global that is made when it is first read, and may be replaced like any other. */
function lazyGlobal(name, make) {
  const settle = (value) => {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true })
    return value
  }
  Object.defineProperty(globalThis, name, { get: () => settle(make()), set: settle, enumerable: false, configurable: true })
}

lazyGlobal('Buffer', () => provide('buffer').Buffer)
lazyGlobal('process', () => provide('process'))
lazyGlobal('setImmediate', () => provide('timers').setImmediate)
lazyGlobal('clearImmediate', () => provide('timers').clearImmediate)
globalThis.global = globalThis
