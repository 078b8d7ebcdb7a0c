// Headers, Request and Response, as far as glue code uses them: bodies are whole, never streams.
import { bytesOf } from './convert.js'

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

function headerName(name) {
  const text = String(name)
  if (!token.test(text)) throw new TypeError(`${JSON.stringify(text)} is no header name`)
  return text.toLowerCase()
}

function headerValue(value) {
  const text = String(value).trim()
  if (/[\r\n\0]/.test(text)) throw new TypeError('a header value has no line ends')
  return text
}

globalThis.Headers = class Headers {
  #values = new Map()
  constructor(init) {
    if (init === undefined || init === null) return
    const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init)
    for (const [name, value] of pairs) this.append(name, value)
  }
  append(name, value) {
    const key = headerName(name)
    const earlier = this.#values.get(key)
    this.#values.set(key, earlier === undefined ? headerValue(value) : `${earlier}, ${headerValue(value)}`)
  }
  set(name, value) { this.#values.set(headerName(name), headerValue(value)) }
  get(name) { return this.#values.get(headerName(name)) ?? null }
  has(name) { return this.#values.has(headerName(name)) }
  delete(name) { this.#values.delete(headerName(name)) }
  forEach(callback, target) { for (const [name, value] of this) callback.call(target, value, name, this) }
  *entries() { for (const name of [...this.#values.keys()].sort()) yield [name, this.#values.get(name)] }
  *keys() { for (const [name] of this.entries()) yield name }
  *values() { for (const [, value] of this.entries()) yield value }
  [Symbol.iterator]() { return this.entries() }
}

/** The bytes of a body and the content type that its form implies. */
export function readBody(body) {
  if (body === undefined || body === null) return { bytes: null, type: null }
  if (typeof body === 'string') return { bytes: new TextEncoder().encode(body), type: 'text/plain;charset=UTF-8' }
  if (body instanceof URLSearchParams) {
    return { bytes: new TextEncoder().encode(String(body)), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
  }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { bytes: bytesOf(body).slice(), type: null }
  return { bytes: new TextEncoder().encode(String(body)), type: 'text/plain;charset=UTF-8' }
}

class Body {
  #bytes
  #used = false
  constructor(bytes) { this.#bytes = bytes }
  get bodyUsed() { return this.#used }
  _bytes() { return this.#bytes }
  #take() {
    if (this.#used) throw new TypeError('the body was read already')
    this.#used = this.#bytes !== null
    return this.#bytes ?? new Uint8Array(0)
  }
  async arrayBuffer() { return this.#take().slice().buffer }
  async bytes() { return this.#take().slice() }
  async text() { return new TextDecoder().decode(this.#take()) }
  async json() { return JSON.parse(await this.text()) }
}

export const rawBytes = (body) => Body.prototype._bytes.call(body)

globalThis.Request = class Request extends Body {
  constructor(input, init = {}) {
    const base = input instanceof Request ? input : undefined
    const { bytes, type } = init.body === undefined && base ? { bytes: rawBytes(base), type: null } : readBody(init.body)
    super(bytes)
    this.url = base ? base.url : new URL(String(input)).href
    this.method = String(init.method ?? base?.method ?? 'GET').toUpperCase()
    if (bytes !== null && (this.method === 'GET' || this.method === 'HEAD')) {
      throw new TypeError(`a ${this.method} request has no body`)
    }
    this.headers = new Headers(init.headers ?? base?.headers)
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type)
    this.signal = init.signal ?? base?.signal ?? null
  }
  clone() { return new Request(this) }
}

globalThis.Response = class Response extends Body {
  constructor(body, init = {}) {
    const { bytes, type } = readBody(body)
    super(bytes)
    const status = init.status === undefined ? 200 : Number(init.status)
    if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError('a status is from 200 to 599')
    this.status = status
    this.statusText = String(init.statusText ?? '')
    this.headers = new Headers(init.headers)
    if (type && !this.headers.has('content-type')) this.headers.set('content-type', type)
    this.url = ''
    this.redirected = false
    this.type = 'default'
  }
  get ok() { return this.status >= 200 && this.status < 300 }
  clone() { return new Response(rawBytes(this), { status: this.status, statusText: this.statusText, headers: this.headers }) }
  static json(value, init = {}) {
    const headers = new Headers(init.headers)
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    return new Response(JSON.stringify(value), { ...init, headers })
  }
  static redirect(url, status = 302) {
    return new Response(null, { status, headers: { location: new URL(String(url)).href } })
  }
}
