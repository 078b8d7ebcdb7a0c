import { host, Kind } from './host.js'
import { state } from './state.js'
import { CallError } from './errors.js'

/** Sends an operation to the hub; the promise of its answer. */
export function ask(kind, document, bytes) {
  if (!state.active) return Promise.reject(new Error('the run has ended'))
  const id = state.nextOperation++
  const text = JSON.stringify(document)
  return new Promise((resolve, reject) => {
    state.pending.set(id, { resolve, reject })
    host.post(kind, id, text, bytes)
  })
}

/** Takes the hub's answer to operation `id`: 0 a failure, 1 a value, 2 a reply with bytes. */
export function answer(id, form, text, bytes) {
  const waiting = state.pending.get(id)
  if (waiting === undefined) return
  state.pending.delete(id)
  if (form === 0) {
    const failure = JSON.parse(text)
    waiting.reject(new CallError(failure))
  } else if (form === 1) {
    waiting.resolve(text === '' ? undefined : JSON.parse(text))
  } else {
    waiting.resolve({ document: JSON.parse(text), bytes })
  }
}
