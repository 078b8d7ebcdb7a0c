// node:process, as far as a handler may know of it: the variables of its recipe, and the time.
import { format } from './inspect.js'
import { state } from '../state.js'

const start = Date.now()

function hrtime(before = [0, 0]) {
  const now = Date.now() - start
  const [seconds, nanoseconds] = [Math.floor(now / 1000) - before[0], (now % 1000) * 1e6 - before[1]]
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds]
}
hrtime.bigint = () => BigInt(Date.now() - start) * 1000000n

const stream = (write) => ({ isTTY: false, write(text) { write(String(text).replace(/\n$/, '')); return true } })
const unheard = () => process

const process = {
  /** `variables:` of recipe.yaml; what a handler writes here lasts as long as its isolate. */
  env: { ...state.environment },
  title: 'grapnel', argv: ['grapnel', 'handler'], execArgv: [], pid: 1, platform: 'linux', arch: 'x64', browser: false,
  // The level of the language and of the modules; there is no `versions.node`, by which packages look for files and sockets.
  version: 'v20.0.0', versions: {}, release: {}, config: {}, features: {},
  cwd: () => '/', chdir() { throw new Error('an isolate has no folders') }, umask: () => 0,
  uptime: () => (Date.now() - start) / 1000, hrtime,
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  nextTick: (callback, ...values) => queueMicrotask(() => callback(...values)),
  emitWarning: (warning) => console.warn(format(warning)),
  exit(code = 0) { throw new Error(`process.exit(${code}): a handler ends by returning or throwing`) },
  stdout: stream((text) => console.log(text)), stderr: stream((text) => console.error(text)),
  on: unheard, once: unheard, off: unheard, addListener: unheard, removeListener: unheard, removeAllListeners: unheard,
  listeners: () => [], listenerCount: () => 0, emit: () => false,
}

export default process
