import { clock } from './clock.js'
import { exposeInterface } from './convert.js'
import './events.js'

/** Whole milliseconds, by the clock that stands still while JavaScript computes. */
class Performance extends EventTarget {
  now() { return clock.monotonic - clock.origin }
  get timeOrigin() { return clock.wallAtOrigin }
  toJSON() { return { timeOrigin: this.timeOrigin } }
}
exposeInterface('Performance', Performance)

Object.defineProperty(globalThis, 'performance', {
  value: new Performance(), writable: true, enumerable: true, configurable: true,
})
