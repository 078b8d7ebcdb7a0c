import { state } from './state.js'

const timers = new Map()
let nextID = 1

function add(callback, delay, values, repeats) {
  if (typeof callback !== 'function') throw new TypeError('a timer takes a function')
  const wait = Math.min(Math.max(Number(delay) || 0, 0), 2147483647)
  const id = nextID++
  timers.set(id, { callback, values, at: Date.now() + wait, every: repeats ? Math.max(wait, 1) : 0, run: state.active })
  return id
}

globalThis.setTimeout = (callback, delay, ...values) => add(callback, delay, values, false)
globalThis.setInterval = (callback, delay, ...values) => add(callback, delay, values, true)
globalThis.clearTimeout = globalThis.clearInterval = (id) => { timers.delete(id) }
if (typeof globalThis.queueMicrotask !== 'function') {
  globalThis.queueMicrotask = (callback) => { Promise.resolve().then(callback) }
}

/**
 * Runs what is due; the milliseconds until the next timer, Infinity when there is none. 0 when a timer ran: what it
 * resolved is heard only after this returns, so nothing can be said yet.
 */
export function runTimers() {
  const now = Date.now()
  const due = [...timers].filter(([, timer]) => timer.at <= now).sort((left, right) => left[1].at - right[1].at)
  for (const [id, timer] of due) {
    if (!timers.has(id)) continue
    if (timer.every > 0) timer.at = Date.now() + timer.every
    else timers.delete(id)
    timer.callback(...timer.values)
  }
  if (due.length > 0) return 0
  let next = Infinity
  for (const timer of timers.values()) next = Math.min(next, timer.at)
  return Math.max(0, next - Date.now())
}

/** A run ends with its timers. */
export function clearTimers() { timers.clear() }
