// Headers (Fetch, §5.1).
import { byteText, exposeInterface } from './convert.js'
import { exposePairs } from './iterators.js'

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
let list
let freeze

function headerName(name) {
  const text = byteText(name)
  if (!token.test(text)) throw new TypeError(`${JSON.stringify(text)} is no header name`)
  return text.toLowerCase()
}

function headerValue(value) {
  const text = byteText(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  if (/[\r\n\0]/.test(text)) throw new TypeError('a header value has no line ends')
  return text
}

class Headers {
  // Name → values as they were appended.
  #values = new Map()
  #isFrozen = false
  constructor(init) {
    if (init === undefined) return
    if (typeof init !== 'object' && typeof init !== 'function' || init === null) {
      throw new TypeError('headers are made of pairs or of an object')
    }
    const method = init[Symbol.iterator]
    if (method === undefined || method === null) {
      for (const name of Reflect.ownKeys(init)) {
        if (!Object.getOwnPropertyDescriptor(init, name)?.enumerable) continue
        if (typeof name === 'symbol') throw new TypeError('a symbol is no header name')
        this.append(name, init[name])
      }
      return
    }
    for (const given of init) {
      if (typeof given !== 'object' && typeof given !== 'function' || given === null) throw new TypeError('a header is a pair')
      const pair = [...given]
      if (pair.length !== 2) throw new TypeError('a header is a name and a value')
      this.append(pair[0], pair[1])
    }
  }
  #change() {
    if (this.#isFrozen) throw new TypeError('these headers cannot be changed')
  }
  append(name, value) {
    const [key, text] = [headerName(name), headerValue(value)]
    this.#change()
    const earlier = this.#values.get(key)
    if (earlier === undefined) this.#values.set(key, [text])
    else earlier.push(text)
  }
  set(name, value) {
    const [key, text] = [headerName(name), headerValue(value)]
    this.#change()
    this.#values.set(key, [text])
  }
  delete(name) {
    const key = headerName(name)
    this.#change()
    this.#values.delete(key)
  }
  get(name) { return this.#values.get(headerName(name))?.join(', ') ?? null }
  getSetCookie() { return [...this.#values.get('set-cookie') ?? []] }
  has(name) { return this.#values.has(headerName(name)) }

  static {
    list = (headers) => {
      const pairs = []
      for (const name of [...headers.#values.keys()].sort()) {
        const values = headers.#values.get(name)
        if (name === 'set-cookie') for (const value of values) pairs.push([name, value])
        else pairs.push([name, values.join(', ')])
      }
      return pairs
    }
    freeze = (headers) => {
      headers.#isFrozen = true
      return headers
    }
  }
}
exposePairs(Headers, 'Headers', (headers) => list(headers))
exposeInterface('Headers', Headers)

/** Makes headers that nobody can change. */
export const frozenHeaders = (headers) => freeze(headers)
/** The pairs of headers, sorted by name; cookies stay apart. */
export const pairsOf = (headers) => list(headers)
