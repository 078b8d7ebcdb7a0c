// The prelude: everything a handler finds in its isolate. It runs once in the zygote; children inherit what it built.
import './clock.js'
import './exception.js'
import './random.js'
import './encoding.js'
import './url/url.js'
import './events.js'
import './abort.js'
import './performance.js'
import './console.js'
import './streams.js'
import './blob.js'
import './form.js'
import './headers.js'
import './http.js'
import './fetch.js'
import './navigator.js'
import './clone.js'
import './modules.js'
import './webassembly.js'
import { load, run, settle, tick } from './runtime.js'
import { warmUp, finishWarmUp } from './warmup.js'

globalThis.self = globalThis

for (const name of ['SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) {
  delete globalThis[name]
}

// The host takes these and removes the names before any handler runs.
globalThis.__grapnel = { load, run, settle, tick, warmUp, finishWarmUp }
