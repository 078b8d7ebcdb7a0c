// Loads a bundle, runs its handler, hands over answers: the four functions that the host calls.
import { host, Kind } from './host.js'
import { state } from './state.js'
import { makeContext } from './context.js'
import { CallError, Discard, RetryAfter } from './errors.js'
import { answer } from './operations.js'
import { clearTimers, runTimers } from './timers.js'
import { takeBody, wholeBody } from './body.js'
import { reseed } from './random.js'
import { advanceClock, startClock } from './clock.js'
import { onUncaught } from './uncaught.js'
import { provide } from './modules.js'
import { adapt } from './styles/styles.js'

/** Evaluates a bundle, a function of `require`, and takes its exports in the style that the manifest names. */
export function load(bundle, metaText) {
  const meta = JSON.parse(metaText)
  reseed()
  startClock()
  state.environment = Object.freeze(meta.environment)
  state.connections = meta.connections
  state.style = meta.style
  try {
    state.handler = adapt(meta.style, bundle(provide))
  } catch (error) {
    return host.post(Kind.failed, 0, JSON.stringify(described(error)))
  }
  host.post(Kind.loaded, 0, '')
}

/** Starts a run; everything else happens when answers and timers come. */
export function run(metaText, valueText, raw) {
  advanceClock()
  const meta = JSON.parse(metaText)
  const number = ++state.runs
  state.active = number
  state.pending.clear()
  clearTimers()
  const event = makeEvent(meta, valueText, raw)
  const context = makeContext(Object.freeze(meta.run))
  let promise
  try {
    promise = Promise.resolve(state.handler(event, context))
  } catch (error) {
    promise = Promise.reject(error)
  }
  promise.then((value) => finish(number, value), (error) => fail(number, error))
}

export function settle(id, form, text, bytes) {
  advanceClock()
  answer(id, form, text, bytes)
}

/**
 * Runs what is due. The milliseconds until the next timer, -1 when only the hub can bring something. A handler that
 * waits for what neither can bring has failed.
 */
export function tick() {
  advanceClock()
  const next = runTimers()
  if (state.active && next === Infinity && state.pending.size === 0) {
    fail(state.active, new Error(state.style && state.style !== 'grapnel'
      ? 'the handler ended without calling back or answering'
      : 'the handler waits for a promise that nothing can settle'))
  }
  return state.active && next !== Infinity ? next : -1
}

function makeEvent(meta, valueText, raw) {
  if (!meta.batch) return Object.freeze(eventOf(meta, valueText, raw))
  // The bodies of a batch lie one behind another.
  let start = 0
  const batch = meta.batch.map((member) => {
    const end = start + member.size
    const bytes = raw.slice(start, end)
    start = end
    return Object.freeze(eventOf(member, member.value, bytes))
  })
  const first = eventOf(meta, valueText, raw.slice(0, meta.batch[0].size))
  first.batch = Object.freeze(batch)
  return Object.freeze(first)
}

function eventOf(meta, valueText, raw) {
  const given = meta.event
  let body
  let isParsed = false
  return {
    id: given.id, type: given.type, source: given.source, receivedAt: given.receivedAt,
    headers: Object.freeze(given.headers), query: Object.freeze(given.query),
    get body() {
      if (!isParsed) {
        body = readBody(meta.bodyKind, valueText, raw)
        isParsed = true
      }
      return body
    },
    raw, parseError: given.parseError, replayOf: given.replayOf,
  }
}

function readBody(kind, valueText, raw) {
  switch (kind) {
    case 'json': return host.parse(raw)
    case 'value': return JSON.parse(valueText)
    case 'text': return new TextDecoder().decode(raw)
    default: return undefined
  }
}

function end() {
  state.active = 0
  state.pending.clear()
  clearTimers()
}

function finish(number, value) {
  if (state.active !== number) return
  try {
    if (value instanceof Response) {
      const bytes = wholeBody(value)
      if (bytes !== undefined) return reply(number, value, bytes)
      takeBody(value).then((read) => reply(number, value, read)).catch((error) => fail(number, error))
      return
    }
    const text = value === undefined ? '' : JSON.stringify(value)
    host.post(Kind.result, 0, text === undefined ? '' : text)
    end()
  } catch (error) {
    fail(number, error)
  }
}

function reply(number, response, bytes) {
  if (state.active !== number) return
  host.post(Kind.reply, 0, JSON.stringify({ status: response.status, headers: [...response.headers] }), bytes)
  end()
}

function fail(number, error) {
  if (number === 0 || state.active !== number) return
  end()
  host.post(Kind.failed, 0, JSON.stringify(described(error)))
}

function described(error) {
  try {
    return describe(error)
  } catch {
    return { kind: 'threw', name: 'Error', message: 'the handler threw something that cannot be described', stack: '' }
  }
}

onUncaught((error) => { fail(state.active, error) })

function describe(error) {
  if (!(error instanceof Error)) {
    return { kind: 'threw', name: 'Error', message: `thrown: ${typeof error === 'string' ? error : JSON.stringify(error)}`, stack: '' }
  }
  const document = {
    kind: 'threw', name: String(error.name), message: String(error.message).slice(0, 8192),
    stack: stackOf(error).slice(0, 16384),
  }
  if (error instanceof Discard) document.kind = 'discard'
  if (error instanceof RetryAfter) Object.assign(document, { kind: 'retry', delay: error.delay })
  if (error instanceof CallError) {
    Object.assign(document, {
      kind: 'call', status: error.status, code: String(error.code), retryable: Boolean(error.retryable),
      outcome: String(error.outcome), retryAfter: error.retryAfter,
    })
  }
  return document
}

/** Frames of the handler only, one a line: name@file:line:column. */
function stackOf(error) {
  const own = typeof error.stack === 'string' ? error.stack : ''
  const frames = own.split('\n').filter((frame) => frame && !frame.includes('prelude.js') && !frame.includes('[native code]'))
  if (frames.length === 0 && error.line !== undefined && error.sourceURL && error.sourceURL !== 'prelude.js') frames.push(`@${error.sourceURL}:${error.line}:${error.column ?? 1}`)
  return frames.join('\n')
}
