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

/** Runs what is due; the milliseconds until the next timer, -1 when there is none. */
export function runTimers() {
  const now = Date.now()
  const due = [...timers].filter(([, timer]) => timer.at <= now).sort((left, right) => left[1].at - right[1].at)
  for (const [id, timer] of due) {
    if (!timers.has(id)) continue
    if (timer.every > 0) timer.at = Date.now() + timer.every
    else timers.delete(id)
    timer.callback(...timer.values)
  }
  return untilNext()
}

/** The milliseconds until the next timer, -1 when there is none. */
export function untilNext() {
  let next = Infinity
  for (const timer of timers.values()) next = Math.min(next, timer.at)
  return next === Infinity ? -1 : Math.max(0, next - Date.now())
}

/** A run ends with its timers. */
export function clearTimers() { timers.clear() }
