import { clock } from './clock.js'
import { exposeFunctions } from './convert.js'
import { guarded } from './uncaught.js'

const timers = new Map()
let nextID = 1

function add(callback, delay, values, repeats) {
  if (typeof callback !== 'function') throw new TypeError('a timer takes a function')
  // Delays are 32-bit numbers; one that is none, or is negative, is none.
  const wait = Math.max(Number(delay) | 0, 0)
  const id = nextID++
  timers.set(id, { callback, values, at: clock.monotonic + wait, every: repeats ? Math.max(wait, 1) : 0 })
  return id
}

exposeFunctions({
  setTimeout(callback, delay = 0, ...values) { return add(callback, delay, values, false) },
  setInterval(callback, delay = 0, ...values) { return add(callback, delay, values, true) },
  clearTimeout(id) { timers.delete(Number(id)) },
  clearInterval(id) { timers.delete(Number(id)) },
})

/**
 * Runs the first that is due; the milliseconds until the next timer, Infinity when there is none. 0 when a timer ran:
 * what it resolved is heard only after this returns, so nothing can be said yet, and the next one has to wait for it.
 */
export function runTimers() {
  let id
  let first
  for (const [key, timer] of timers) {
    if (first === undefined || timer.at < first.at) [id, first] = [key, timer]
  }
  if (first === undefined) return Infinity
  if (first.at > clock.monotonic) return first.at - clock.monotonic
  if (first.every > 0) first.at = clock.monotonic + first.every
  else timers.delete(id)
  guarded(first.callback, globalThis, ...first.values)
  return 0
}

/** A run ends with its timers. */
export function clearTimers() { timers.clear() }
