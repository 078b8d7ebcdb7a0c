// The module `request` over fetch: its callback form, and the promises of `request-promise`. Bodies are whole.
import { Buffer } from '../node/buffer.js'
import { EventEmitter } from '../node/events.js'
import { STATUS_CODES } from '../node/http.js'
import querystring from '../node/querystring.js'

/** (url, options, callback), (options, callback) and (url, callback) as one object. */
function gathered(first, second, third) {
  const options = typeof first === 'string' ? { ...(typeof second === 'object' && second), uri: first } : { ...first }
  const callback = [second, third].find((value) => typeof value === 'function') ?? options.callback
  return { options, callback }
}

function target({ baseUrl, uri, url = uri, qs }) {
  const text = typeof url === 'object' && url !== null ? url.href : url
  if (text === undefined) throw new Error('options.uri is a required argument')
  const result = new URL(baseUrl ? `${baseUrl.replace(/\/$/, '')}/${String(text).replace(/^\//, '')}` : text)
  if (qs) {
    const merged = { ...querystring.parse(result.search.slice(1)), ...(typeof qs === 'string' ? querystring.parse(qs) : qs) }
    result.search = querystring.stringify(merged)
  }
  return result
}

function bodyOf(options, headers) {
  const typed = (type, text) => {
    if (!headers.has('content-type')) headers.set('content-type', type)
    return text
  }
  if (options.form !== undefined) {
    return typed('application/x-www-form-urlencoded', typeof options.form === 'string' ? options.form : querystring.stringify(options.form))
  }
  if (options.formData !== undefined) {
    const form = new FormData()
    for (const [name, value] of Object.entries(options.formData)) form.append(name, value?.value ?? value)
    return form
  }
  if (options.json !== undefined && options.json !== false) {
    if (!headers.has('accept')) headers.set('accept', 'application/json')
    const value = options.json === true ? options.body : options.json
    return value === undefined ? undefined : typed('application/json', JSON.stringify(value))
  }
  return options.body
}

function authorize({ auth, oauth }, url, headers) {
  if (oauth) throw new Error('request: the option oauth is not supported')
  const user = auth?.user ?? auth?.username ?? (url.username && decodeURIComponent(url.username))
  const password = auth?.pass ?? auth?.password ?? decodeURIComponent(url.password)
  url.username = url.password = ''
  if (auth?.bearer !== undefined) {
    headers.set('authorization', `Bearer ${typeof auth.bearer === 'function' ? auth.bearer() : auth.bearer}`)
  } else if (user) {
    headers.set('authorization', `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`)
  }
}

function parsed(bytes, { encoding, json }) {
  if (encoding === null) return bytes
  const text = bytes.toString(encoding)
  if (!json) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function perform(options) {
  const url = target(options)
  const headers = new Headers(Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]))
  authorize(options, url, headers)
  const body = bodyOf(options, headers)
  const method = String(options.method ?? 'GET').toUpperCase()
  const controller = new AbortController()
  const late = Object.assign(new Error('ESOCKETTIMEDOUT'), { code: 'ESOCKETTIMEDOUT', connect: false })
  const timer = options.timeout > 0 ? setTimeout(() => controller.abort(late), options.timeout) : undefined
  try {
    const answer = await fetch(url.href, {
      method, headers, signal: controller.signal, ...(body !== undefined && !['GET', 'HEAD'].includes(method) && { body }),
    })
    const response = new EventEmitter()
    const bytes = Buffer.from(await answer.arrayBuffer())
    const fields = Object.fromEntries(answer.headers)
    return Object.assign(response, {
      statusCode: answer.status, statusMessage: answer.statusText || STATUS_CODES[answer.status] || '', headers: fields,
      body: parsed(bytes, options), request: { uri: url, href: url.href, method, headers: Object.fromEntries(headers) },
      toJSON() { return { statusCode: this.statusCode, body: this.body, headers: this.headers, request: this.request } },
    })
  } finally {
    clearTimeout(timer)
  }
}

/** The error of `request-promise` for a status that is no success. */
class StatusCodeError extends Error {
  constructor(response, options) {
    super(`${response.statusCode} - ${JSON.stringify(response.body)}`)
    Object.assign(this, { statusCode: response.statusCode, error: response.body, options, response })
  }
  get name() { return 'StatusCodeError' }
}

class RequestError extends Error {
  constructor(cause, options) {
    super(String(cause))
    Object.assign(this, { cause, error: cause, options })
  }
  get name() { return 'RequestError' }
}

/** What a call gives back: it emits `response`, `data`, `end`, `complete` and `error`. */
class Request extends EventEmitter {
  constructor(options, callback) {
    super()
    // The answer comes later than whoever listens.
    this.done = Promise.resolve().then(() => perform(options))
    this.done.then((response) => {
      this.emit('response', response)
      const bytes = typeof response.body === 'string' || Buffer.isBuffer(response.body) ? Buffer.from(response.body) : Buffer.from(JSON.stringify(response.body))
      this.emit('data', bytes)
      response.emit('data', bytes)
      this.emit('end')
      response.emit('end')
      this.emit('complete', response, response.body)
      callback?.(null, response, response.body)
    }, (error) => {
      if (callback) callback(error)
      if (!callback || this.listenerCount('error') > 0) this.emit('error', error)
    })
  }
  pipe(stream) {
    this.on('data', (chunk) => stream.write(chunk))
    this.on('end', () => stream.end())
    return stream
  }
}

class PromisedRequest {
  #promise
  constructor(options, callback) {
    this.#promise = perform(options).catch((error) => { throw new RequestError(error, options) }).then((response) => {
      if (options.simple !== false && !(response.statusCode >= 200 && response.statusCode < 300)) throw new StatusCodeError(response, options)
      const transformed = options.transform?.(response.body, response, options.resolveWithFullResponse)
      return transformed ?? (options.resolveWithFullResponse ? response : response.body)
    })
    if (callback) this.#promise.then((value) => callback(null, value, value?.body ?? value), callback)
  }
  then(...listeners) { return this.#promise.then(...listeners) }
  catch(listener) { return this.#promise.catch(listener) }
  finally(listener) { return this.#promise.finally(listener) }
  promise() { return this.#promise }
}

function module(Made, defaults = {}) {
  const begin = (method) => function (first, second, third) {
    const { options, callback } = gathered(first, second, third)
    const merged = { ...defaults, ...options, headers: { ...defaults.headers, ...options.headers } }
    return new Made(method ? { ...merged, method } : merged, callback)
  }
  const request = begin()
  for (const method of ['get', 'head', 'options', 'post', 'put', 'patch', 'delete']) request[method] = begin(method)
  request.del = request.delete
  request.defaults = (more) => module(Made, { ...defaults, ...more, headers: { ...defaults.headers, ...more.headers } })
  request.jar = () => ({ setCookie() {}, getCookieString: () => '' })
  return request
}

const request = module(Request)
// `util.promisify(request)` resolves with the response.
request[Symbol.for('nodejs.util.promisify.custom')] = (...values) => {
  const { options } = gathered(...values)
  return perform(options)
}
export const requestPromise = Object.assign(module(PromisedRequest), { errors: { StatusCodeError, RequestError } })

export default request
