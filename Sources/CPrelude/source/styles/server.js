// The event as the request of an HTTP server, and the response that becomes the reply, as Node's http has them.
import { Buffer } from '../node/buffer.js'
import { EventEmitter } from '../node/events.js'
import { ReadableMessage, STATUS_CODES } from '../node/http.js'
import querystring from '../node/querystring.js'

export class IncomingMessage extends ReadableMessage {
  constructor(event) {
    super(event.raw)
    const query = querystring.stringify(event.query)
    Object.assign(this, {
      method: 'POST', url: `/${query ? `?${query}` : ''}`, headers: { ...event.headers },
      rawHeaders: Object.entries(event.headers).flat(), httpVersion: '1.1', query: { ...event.query }, body: event.body,
      socket: {}, connection: {},
    })
  }
  get(name) { return this.headers[String(name).toLowerCase()] }
}

export class ServerResponse extends EventEmitter {
  #headers = new Headers()
  #parts = []
  #finish
  constructor() {
    super()
    Object.assign(this, { statusCode: 200, statusMessage: undefined, headersSent: false, writableEnded: false })
    /** The reply, when `end` has been called. */
    this.finished = new Promise((resolve) => { this.#finish = resolve })
  }
  setHeader(name, value) {
    this.#headers.delete(name)
    for (const one of [value].flat()) this.#headers.append(name, String(one))
    return this
  }
  getHeader(name) { return this.#headers.get(name) ?? undefined }
  getHeaders() { return Object.fromEntries(this.#headers) }
  getHeaderNames() { return [...this.#headers.keys()] }
  hasHeader(name) { return this.#headers.has(name) }
  removeHeader(name) { this.#headers.delete(name) }
  flushHeaders() { this.headersSent = true }
  writeHead(status, reason, headers = reason) {
    this.statusCode = status
    if (!STATUS_CODES[status] || typeof reason === 'string') this.statusMessage = reason
    for (const [name, value] of Object.entries(typeof headers === 'object' && headers !== null ? headers : {})) this.setHeader(name, value)
    this.headersSent = true
    return this
  }
  write(chunk, encoding, callback) {
    if (this.writableEnded) throw Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
    this.headersSent = true
    this.#parts.push(Buffer.from(chunk, typeof encoding === 'string' ? encoding : undefined))
    const done = typeof encoding === 'function' ? encoding : callback
    if (done) queueMicrotask(done)
    return true
  }
  end(chunk, encoding, callback) {
    if (this.writableEnded) return this
    if (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) this.write(chunk, encoding)
    this.headersSent = this.writableEnded = true
    const hasBody = ![204, 205, 304].includes(this.statusCode)
    this.#finish(new Response(hasBody ? Buffer.concat(this.#parts) : null, { status: this.statusCode, headers: this.#headers }))
    const done = [chunk, encoding, callback].find((value) => typeof value === 'function')
    if (done) queueMicrotask(done)
    this.emit('finish')
    this.emit('close')
    return this
  }
}
