// node:timers and node:timers/promises: https://nodejs.org/api/timers.html

const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis

export const promises = {
  setTimeout: (delay, value) => new Promise((resolve) => setTimeout(resolve, delay, value)),
  setImmediate: (value) => new Promise((resolve) => setTimeout(resolve, 0, value)),
}

export default {
  setTimeout, setInterval, clearTimeout, clearInterval, promises,
  setImmediate: (callback, ...values) => setTimeout(callback, 0, ...values), clearImmediate: clearTimeout,
}
