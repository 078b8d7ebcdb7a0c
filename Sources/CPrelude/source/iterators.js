// Iterators over pairs that may change while they are walked (Web IDL, "iterable").

/** Gives an interface the methods of an iterable of pairs; `pairs(object)` is the list as it is now. */
export function exposePairs(type, name, pairs) {
  const iteration = Object.create(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())))
  const states = new WeakMap()
  Object.defineProperty(iteration, 'next', {
    configurable: true, enumerable: true, writable: true,
    value() {
      const state = states.get(this)
      if (state === undefined) throw new TypeError(`expected a ${name} Iterator`)
      const pair = pairs(state.object)[state.index++]
      return pair === undefined ? { value: undefined, done: true } : { value: state.pick(pair), done: false }
    },
  })
  Object.defineProperty(iteration, Symbol.toStringTag, { value: `${name} Iterator`, configurable: true })
  const walk = (object, pick) => {
    pairs(object)
    const iterator = Object.create(iteration)
    states.set(iterator, { object, index: 0, pick })
    return iterator
  }
  const methods = {
    entries() { return walk(this, ([key, value]) => [key, value]) },
    keys() { return walk(this, ([key]) => key) },
    values() { return walk(this, ([, value]) => value) },
    forEach(callback, target) {
      if (typeof callback !== 'function') throw new TypeError('forEach takes a function')
      for (let index = 0; index < pairs(this).length; index++) {
        const [key, value] = pairs(this)[index]
        callback.call(target, value, key, this)
      }
    },
  }
  for (const [key, value] of Object.entries(methods)) {
    Object.defineProperty(type.prototype, key, { value, writable: true, enumerable: true, configurable: true })
  }
  Object.defineProperty(type.prototype, Symbol.iterator, { value: methods.entries, writable: true, configurable: true })
}
