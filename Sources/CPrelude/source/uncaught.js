// What nobody catches: an exception of a listener, a timer or a microtask. It fails the run.
import { exposeFunctions } from './convert.js'

const receiver = { take: () => {} }

/** Says who takes them. */
export function onUncaught(take) { receiver.take = take }

export function report(error) { receiver.take(error) }

/** Calls what has no caller to throw to. */
export function guarded(callback, target, ...values) {
  try {
    return callback.call(target, ...values)
  } catch (error) {
    report(error)
    return undefined
  }
}

const resolved = Promise.resolve()

exposeFunctions({
  queueMicrotask(callback) {
    if (typeof callback !== 'function') throw new TypeError('queueMicrotask takes a function')
    resolved.then(() => { guarded(callback) })
  },
  reportError(error) { report(error) },
})
