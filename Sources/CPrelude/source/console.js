import { host, Kind } from './host.js'
import { state } from './state.js'

/** A value as a person reads it in a log. */
function display(value, depth = 0) {
  if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value)
  if (value instanceof Error) return value.stack ? `${value.name}: ${value.message}\n${value.stack}` : String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`
  if (typeof value === 'symbol') return value.toString()
  if (value === null || typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value) ?? Object.prototype.toString.call(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

function write(level, message, fields) {
  if (!state.active) return
  const line = { level, message }
  if (fields !== undefined) line.fields = fields
  let text
  try {
    text = JSON.stringify(line)
  } catch {
    text = JSON.stringify({ level, message, fields: display(fields, 1) })
  }
  host.post(Kind.log, 0, text)
}

const levels = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error', trace: 'debug', dir: 'info' }

globalThis.console = Object.fromEntries(
  Object.entries(levels).map(([name, level]) => [name, (...values) => write(level, values.map((value) => display(value)).join(' '))]))

/** `log` of the handler's API: a message and structured fields. */
export const log = Object.freeze(Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (message, fields) => write(level, display(message), fields)])))
