// node:http and node:https as clients, over fetch: whole bodies, no sockets. https://nodejs.org/api/http.html
import { Buffer } from './buffer.js'
import { EventEmitter } from './events.js'

export const STATUS_CODES = {
  200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently', 302: 'Found',
  303: 'See Other', 304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request',
  401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed',
  406: 'Not Acceptable', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 411: 'Length Required', 412: 'Precondition Failed',
  413: 'Payload Too Large', 415: 'Unsupported Media Type', 418: "I'm a Teapot", 422: 'Unprocessable Entity', 423: 'Locked',
  425: 'Too Early', 428: 'Precondition Required', 429: 'Too Many Requests', 431: 'Request Header Fields Too Large',
  500: 'Internal Server Error', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
}

/** Something to read whose bytes are all there: `data` and `end` come once somebody listens. */
export class ReadableMessage extends EventEmitter {
  #bytes
  #encoding
  #hasBegun = false
  constructor(bytes) {
    super()
    this.#bytes = bytes
    this.readable = true
  }
  on(name, listener) {
    super.on(name, listener)
    if (name === 'data' || name === 'end' || name === 'readable') this.#begin()
    return this
  }
  once(name, listener) {
    super.once(name, listener)
    if (name === 'data' || name === 'end') this.#begin()
    return this
  }
  addListener(name, listener) { return this.on(name, listener) }
  setEncoding(encoding) { this.#encoding = encoding; return this }
  resume() { this.#begin(); return this }
  pause() { return this }
  pipe(target) {
    this.on('data', (chunk) => target.write(chunk))
    this.on('end', () => target.end())
    return target
  }
  destroy() { this.#hasBegun = true; return this }
  async *[Symbol.asyncIterator]() {
    this.#hasBegun = true
    if (this.#bytes.length > 0) yield this.#chunk
  }
  get #chunk() { return this.#encoding ? Buffer.from(this.#bytes).toString(this.#encoding) : Buffer.from(this.#bytes) }
  #begin() {
    if (this.#hasBegun) return
    this.#hasBegun = true
    // Later, so that whoever listens now can listen for more.
    setTimeout(() => {
      if (this.#bytes.length > 0) this.emit('data', this.#chunk)
      this.emit('end')
      this.emit('close')
    }, 0)
  }
}

class ClientRequest extends EventEmitter {
  #parts = []
  #headers
  #isSent = false
  #controller = new AbortController()
  constructor(url, options, callback) {
    super()
    this.method = String(options.method ?? 'GET').toUpperCase()
    this.path = url.pathname + url.search
    this.host = url.host
    this.url = url
    this.#headers = new Headers(Object.entries(options.headers ?? {}).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, String(one)])))
    if (options.auth) this.#headers.set('authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`)
    if (callback) this.once('response', callback)
    if (options.timeout) this.setTimeout(options.timeout)
  }
  setHeader(name, value) { this.#headers.set(name, String(value)) }
  getHeader(name) { return this.#headers.get(name) ?? undefined }
  removeHeader(name) { this.#headers.delete(name) }
  setTimeout(milliseconds, callback) {
    if (callback) this.once('timeout', callback)
    const timer = setTimeout(() => this.emit('timeout'), milliseconds)
    this.once('close', () => clearTimeout(timer))
    return this
  }
  setNoDelay() {}
  setSocketKeepAlive() {}
  flushHeaders() {}
  write(chunk, encoding) { this.#parts.push(Buffer.from(chunk, encoding)); return true }
  end(chunk, encoding) {
    if (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) this.write(chunk, encoding)
    if (!this.#isSent) this.#send()
    this.#isSent = true
    return this
  }
  abort() { this.destroy() }
  destroy(error) {
    this.#controller.abort(error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
    return this
  }
  async #send() {
    try {
      const body = Buffer.concat(this.#parts)
      for (const name of ['content-length', 'host', 'connection', 'transfer-encoding']) this.#headers.delete(name)
      const response = await fetch(this.url.href, {
        method: this.method, headers: this.#headers, signal: this.#controller.signal,
        ...(body.length > 0 && !['GET', 'HEAD'].includes(this.method) && { body }),
      })
      const message = new ReadableMessage(new Uint8Array(await response.arrayBuffer()))
      message.statusCode = response.status
      message.statusMessage = response.statusText || STATUS_CODES[response.status] || ''
      message.headers = Object.fromEntries(response.headers)
      message.rawHeaders = [...response.headers].flat()
      message.req = this
      if (!this.emit('response', message)) message.resume()
    } catch (error) {
      this.emit('error', error)
    } finally {
      this.emit('close')
    }
  }
}

/** The three ways to call: (url, options, callback), (options, callback), (url, callback). */
function given(scheme, first, second, third) {
  const hasURL = typeof first === 'string' || first instanceof URL
  const options = hasURL ? (typeof second === 'object' && second !== null ? second : {}) : first
  const callback = typeof second === 'function' ? second : third
  if (hasURL) return [new URL(first), options, callback]
  const protocol = options.protocol ?? scheme
  const host = options.hostname ?? String(options.host ?? 'localhost').replace(/:\d+$/, '')
  const url = new URL(options.path ?? '/', `${protocol}//${host}${options.port ? `:${options.port}` : ''}`)
  return [url, options, callback]
}

class Agent {
  constructor(options = {}) { this.options = options }
  destroy() {}
}

function client(scheme) {
  const request = (...values) => new ClientRequest(...given(scheme, ...values))
  return {
    request, get: (...values) => request(...values).end(), Agent, globalAgent: new Agent(), STATUS_CODES,
    METHODS: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
    createServer() { throw new Error('an isolate cannot listen; the hub does, and hands over the event') },
  }
}

export const https = client('https:')
export default client('http:')
