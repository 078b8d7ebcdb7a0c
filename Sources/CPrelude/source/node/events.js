// node:events: https://nodejs.org/api/events.html

/** A function and no class: older code calls it on objects of its own (`EventEmitter.call(this)`). */
export function EventEmitter() {
  if (!(this?._events instanceof Map)) Object.defineProperty(this, '_events', { value: new Map(), writable: true, configurable: true })
}

const monitor = Symbol.for('events.errorMonitor')

function entries(emitter, name) {
  // An object that only inherits, without the constructor's call, gets its table with the first listener.
  if (!Object.hasOwn(emitter, '_events')) EventEmitter.call(emitter)
  return emitter._events.get(name) ?? []
}

function add(emitter, name, listener, { isOnce = false, isFirst = false } = {}) {
  if (typeof listener !== 'function') throw new TypeError('a listener must be a function')
  const known = entries(emitter, name)
  if (emitter._events.has('newListener')) emitter.emit('newListener', name, listener)
  const entry = { listener, isOnce }
  emitter._events.set(name, isFirst ? [entry, ...known] : [...known, entry])
  return emitter
}

const methods = {
  on(name, listener) { return add(this, name, listener) },
  addListener(name, listener) { return add(this, name, listener) },
  once(name, listener) { return add(this, name, listener, { isOnce: true }) },
  prependListener(name, listener) { return add(this, name, listener, { isFirst: true }) },
  prependOnceListener(name, listener) { return add(this, name, listener, { isOnce: true, isFirst: true }) },
  off(name, listener) {
    const known = entries(this, name)
    const index = known.findLastIndex((entry) => entry.listener === listener)
    if (index < 0) return this
    const rest = known.toSpliced(index, 1)
    if (rest.length > 0) this._events.set(name, rest)
    else this._events.delete(name)
    if (this._events.has('removeListener')) this.emit('removeListener', name, listener)
    return this
  },
  removeListener(name, listener) { return this.off(name, listener) },
  removeAllListeners(name) {
    if (name === undefined) this._events = new Map()
    else if (entries(this, name).length > 0) this._events.delete(name)
    return this
  },
  emit(name, ...values) {
    if (name === 'error') for (const { listener } of entries(this, monitor)) listener.apply(this, values)
    const known = entries(this, name)
    if (known.length === 0) {
      if (name !== 'error') return false
      throw values[0] instanceof Error ? values[0] : new Error(`Unhandled error. (${String(values[0])})`)
    }
    for (const { listener, isOnce } of known) {
      if (isOnce) this.off(name, listener)
      listener.apply(this, values)
    }
    return true
  },
  listeners(name) { return entries(this, name).map((entry) => entry.listener) },
  rawListeners(name) { return this.listeners(name) },
  listenerCount(name) { return entries(this, name).length },
  eventNames() { return Object.hasOwn(this, '_events') ? [...this._events.keys()] : [] },
  setMaxListeners() { return this },
  getMaxListeners() { return EventEmitter.defaultMaxListeners },
}
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(EventEmitter.prototype, name, { value, writable: true, configurable: true })
}

export function once(emitter, name) {
  return new Promise((resolve, reject) => {
    const done = (...values) => { emitter.off('error', failed); resolve(values) }
    const failed = (error) => { emitter.off(name, done); reject(error) }
    emitter.once(name, done)
    if (name !== 'error') emitter.once('error', failed)
  })
}

Object.assign(EventEmitter, {
  EventEmitter, once, defaultMaxListeners: 10, errorMonitor: monitor, setMaxListeners: () => {},
  listenerCount: (emitter, name) => emitter.listenerCount(name),
  get EventTarget() { return globalThis.EventTarget }, get Event() { return globalThis.Event },
})

export default EventEmitter
