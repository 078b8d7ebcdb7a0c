import { exposeInterface } from './convert.js'
import { exposeHandler, trusted } from './events.js'
import './timers.js'

const creation = Symbol('creation')
let abort
let follow

class AbortSignal extends EventTarget {
  #isAborted = false
  #reason
  #actions = new Set()
  // Signals made of this one by `any`, in the order in which they were made.
  #followers = new Set()
  #sources

  constructor(given) {
    if (given !== creation) throw new TypeError('Illegal constructor')
    super()
  }
  get aborted() { return this.#isAborted }
  get reason() { return this.#reason }
  throwIfAborted() { if (this.#isAborted) throw this.#reason }

  static abort(reason) {
    const signal = new AbortSignal(creation)
    signal.#set(reason)
    return signal
  }
  static timeout(milliseconds) {
    const wait = Math.trunc(Number(milliseconds))
    if (!Number.isFinite(wait) || wait < 0 || wait > Number.MAX_SAFE_INTEGER) throw new TypeError('the time is out of range')
    const signal = new AbortSignal(creation)
    setTimeout(() => abort(signal, new DOMException('the time is up', 'TimeoutError')), wait)
    return signal
  }
  static any(signals) {
    const given = Array.from(signals, (signal) => {
      if (!(signal instanceof AbortSignal)) throw new TypeError('any takes AbortSignals')
      return signal
    })
    const result = new AbortSignal(creation)
    result.#sources = new Set()
    const aborted = given.find((signal) => signal.#isAborted)
    if (aborted) {
      result.#set(aborted.#reason)
      return result
    }
    for (const signal of given) {
      for (const source of signal.#sources ?? [signal]) {
        result.#sources.add(source)
        source.#followers.add(result)
      }
    }
    return result
  }

  #set(reason) {
    this.#isAborted = true
    this.#reason = reason === undefined ? new DOMException('it was aborted', 'AbortError') : reason
  }
  #tell() {
    for (const action of this.#actions) action(this.#reason)
    this.#actions.clear()
    this.dispatchEvent(trusted(new Event('abort')))
  }

  static {
    abort = (signal, reason) => {
      if (signal.#isAborted) return
      signal.#set(reason)
      const followers = [...signal.#followers].filter((follower) => !follower.#isAborted)
      for (const follower of followers) follower.#set(signal.#reason)
      signal.#tell()
      for (const follower of followers) follower.#tell()
    }
    follow = (signal, action) => { signal.#actions.add(action) }
  }
}
exposeHandler(AbortSignal, 'abort')
exposeInterface('AbortSignal', AbortSignal)

class AbortController {
  #signal = new AbortSignal(creation)
  get signal() { return this.#signal }
  abort(reason) { abort(this.#signal, reason) }
}
exposeInterface('AbortController', AbortController)

/** Calls `action` with the reason when `signal` is aborted, before any listener. */
export { follow as whenAborted }
/** A signal of its own that is aborted when `signal` is. */
export const signalFollowing = (signal) => signal ? AbortSignal.any([signal]) : new AbortSignal(creation)
