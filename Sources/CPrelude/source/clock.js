// Time as handlers see it. It stands still while JavaScript computes and moves on when the host calls in: nothing can
// be timed from inside, which is what attacks by side channels begin with.
import { host } from './host.js'

const SystemDate = Date
const systemNow = Date.now

export const clock = { wall: 0, monotonic: 0, origin: 0, wallAtOrigin: 0 }

/** Takes the time of the system; called whenever the host calls in. */
export function advanceClock() {
  clock.wall = systemNow()
  clock.monotonic = host.milliseconds()
}

/** `performance` counts from a millisecond ago: 0 is taken for no time at all, and the first of it passes at once. */
export function startClock() {
  advanceClock()
  clock.origin = clock.monotonic - 1
  clock.wallAtOrigin = clock.wall - 1
}

function StillDate(...values) {
  if (new.target === undefined) return new SystemDate(clock.wall).toString()
  return Reflect.construct(SystemDate, values.length === 0 ? [clock.wall] : values, new.target)
}

function method(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

Object.defineProperty(StillDate, 'prototype', { value: SystemDate.prototype, writable: false })
Object.defineProperty(StillDate, 'name', { value: 'Date', configurable: true })
Object.defineProperty(StillDate, 'length', { value: 7, configurable: true })
method(StillDate, 'parse', SystemDate.parse)
method(StillDate, 'UTC', SystemDate.UTC)
method(StillDate, 'now', { now() { return clock.wall } }.now)
method(SystemDate.prototype, 'constructor', StillDate)
method(globalThis, 'Date', StillDate)

// Formatting without a date formats the present one.
const formats = Intl.DateTimeFormat.prototype
const { formatToParts } = formats
const { get: getFormat } = Object.getOwnPropertyDescriptor(formats, 'format')
method(formats, 'formatToParts', { formatToParts(date = clock.wall) { return formatToParts.call(this, date) } }.formatToParts)
Object.defineProperty(formats, 'format', {
  configurable: true,
  get() {
    const format = getFormat.call(this)
    return (date = clock.wall) => format(date)
  },
})
