// util.inspect and util.format: values as a person reads them. https://nodejs.org/api/util.html

/** A method under this symbol says how its object is shown. */
export const customInspect = Symbol.for('nodejs.util.inspect.custom')

const identifier = /^[A-Za-z_$][\w$]*$/

/** In single quotes, or in those of the other two kinds that need no escapes. */
function quoted(text) {
  const plain = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"')
  const mark = ["'", '"', '`'].find((one) => !plain.includes(one)) ?? "'"
  return mark + (mark === "'" ? plain.replace(/'/g, "\\'") : plain) + mark
}

/** The value as text. `depth` levels are opened (2), lines are broken at `breakLength` (80). */
export function inspect(value, options) {
  const { depth = 2, breakLength = 80, maxArrayLength = 100, showHidden = false } = typeof options === 'object' && options ? options : {}
  return show(value, { depth: depth === null ? Infinity : depth, breakLength, maxArrayLength: maxArrayLength ?? Infinity, showHidden }, [])
}
inspect.custom = customInspect
inspect.defaultOptions = {}

function show(value, options, above) {
  switch (typeof value) {
    case 'string': return quoted(value)
    case 'bigint': return `${value}n`
    case 'symbol': return value.toString()
    case 'number': return Object.is(value, -0) ? '-0' : String(value)
    case 'function': return withMembers(functionName(value), value, Object.keys(value), options, above)
    case 'object': return value === null ? 'null' : showObject(value, options, above)
    default: return String(value)
  }
}

function functionName(value) {
  const isClass = /^class\b/.test(Function.prototype.toString.call(value))
  return isClass ? `[class ${value.name || '(anonymous)'}]` : `[Function${value.name ? `: ${value.name}` : ' (anonymous)'}]`
}

function showObject(value, options, above) {
  if (above.includes(value)) return '[Circular *1]'
  if (typeof value[customInspect] === 'function') {
    const shown = value[customInspect](options.depth - above.length, options, inspect)
    return typeof shown === 'string' ? shown : show(shown, options, above)
  }
  const keys = options.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value)
  if (value instanceof Error) {
    const head = `${value.name}: ${value.message}`
    return withMembers(value.stack ? `${head}\n${String(value.stack).replace(/^/gm, '    at ')}` : `[${head}]`, value,
      keys.filter((key) => !['stack', 'line', 'column', 'sourceURL', 'message', 'name'].includes(key)), options, above)
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return withMembers(String(value), value, keys, options, above)
  if (value instanceof Promise) return 'Promise {}'
  const name = Object.getPrototypeOf(value) === null ? '[Object: null prototype]' : value.constructor?.name ?? 'Object'
  if (above.length > options.depth) return Array.isArray(value) ? '[Array]' : `[${name}]`
  const inner = [...above, value]
  if (value instanceof Map) {
    const entries = [...value].map(([key, entry]) => `${show(key, options, inner)} => ${show(entry, options, inner)}`)
    return laidOut(`${name}(${value.size}) `, '{', entries, '}', options)
  }
  if (value instanceof Set) {
    return laidOut(`${name}(${value.size}) `, '{', [...value].map((entry) => show(entry, options, inner)), '}', options)
  }
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    const shown = Array.from(value.slice(0, options.maxArrayLength), (entry) => show(entry, options, inner))
    if (value.length > shown.length) shown.push(`... ${value.length - shown.length} more item${value.length - shown.length > 1 ? 's' : ''}`)
    const prefix = Array.isArray(value) && name === 'Array' ? '' : `${name}(${value.length}) `
    const named = Array.isArray(value) ? keys.filter((key) => !/^\d+$/.test(key)) : []
    return laidOut(prefix, '[', [...shown, ...members(value, named, options, inner)], ']', options)
  }
  if (['Number', 'String', 'Boolean'].includes(name) && typeof value.valueOf() !== 'object') {
    return `[${name}: ${show(value.valueOf(), options, inner)}]`
  }
  return laidOut(name === 'Object' ? '' : `${name} `, '{', members(value, keys, options, inner), '}', options)
}

function members(value, keys, options, above) {
  const symbols = Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  return [...keys, ...symbols].map((key) => {
    const name = typeof key === 'symbol' ? `[${key.toString()}]` : identifier.test(key) ? key : quoted(key)
    const { get, set, value: member } = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key] }
    if (get || set) return `${name}: [${[get && 'Getter', set && 'Setter'].filter(Boolean).join('/')}]`
    return `${name}: ${show(member, options, above)}`
  })
}

function withMembers(head, value, keys, options, above) {
  if (keys.length === 0) return head
  if (above.length > options.depth) return head
  return laidOut(`${head} `, '{', members(value, keys, options, [...above, value]), '}', options)
}

function laidOut(prefix, open, entries, close, { breakLength }) {
  if (entries.length === 0) return `${prefix}${open}${close}`
  const line = `${prefix}${open} ${entries.join(', ')} ${close}`
  if (line.length <= breakLength && !line.includes('\n')) return line
  return `${prefix}${open}\n${entries.map((entry) => `  ${entry.replace(/\n/g, '\n  ')}`).join(',\n')}\n${close}`
}

/** printf's way: %s %d %i %f %j %o %O %c and %%; what is left over follows. */
export function format(...values) {
  let next = 0
  let text = ''
  if (typeof values[0] === 'string' && values.length > 1) {
    next = 1
    text = values[0].replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === '%%') return '%'
      if (next >= values.length) return mark
      const value = values[next++]
      switch (mark) {
        case '%s': return typeof value === 'object' && value !== null ? inspect(value, { depth: 0 }) : typeof value === 'bigint' ? `${value}n` : String(value)
        case '%d': return typeof value === 'bigint' ? `${value}n` : String(typeof value === 'symbol' ? NaN : Number(value))
        case '%i': return String(Number.parseInt(value, 10))
        case '%f': return String(Number.parseFloat(value))
        case '%j': return json(value)
        case '%c': return ''
        default: return inspect(value, { depth: 4 })
      }
    })
  }
  const rest = values.slice(next).map((value) => (typeof value === 'string' ? value : inspect(value)))
  return (next === 0 ? rest : [text, ...rest]).join(' ')
}

function json(value) {
  try {
    return JSON.stringify(value)
  } catch {
    return '[Circular]'
  }
}
