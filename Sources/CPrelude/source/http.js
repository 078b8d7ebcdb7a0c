// Request and Response (Fetch, §5.4 and §5.5).
import { byteText, dictionary, exposeInterface, scalarText } from './convert.js'
import { signalFollowing } from './abort.js'
import { Body, copyBody, extractBody, hasBody, moveBody } from './body.js'
import { frozenHeaders } from './headers.js'

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const upperCased = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']
const choices = {
  mode: [['same-origin', 'no-cors', 'cors'], 'cors'],
  credentials: [['omit', 'same-origin', 'include'], 'same-origin'],
  cache: [['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'], 'default'],
  redirect: [['follow', 'error', 'manual'], 'follow'],
}

// The member of a second argument by which a body that was extracted already is handed over.
const extracted = Symbol('body')

function methodOf(value) {
  const method = byteText(value)
  if (!token.test(method)) throw new TypeError(`${JSON.stringify(method)} is no method`)
  const upper = method.toUpperCase()
  if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw new TypeError(`the method ${method} is forbidden`)
  return upperCased.includes(upper) ? upper : method
}

function addressOf(value) {
  const url = new URL(scalarText(value))
  if (url.username !== '' || url.password !== '') throw new TypeError('an address with credentials is refused')
  return url.href
}

class Request extends Body {
  #url
  #method
  #headers
  #signal
  #choices = {}
  #keepalive
  #integrity

  constructor(input, init) {
    if (arguments.length === 0) throw new TypeError('a request needs an address')
    const given = dictionary(init, 'the second argument')
    const base = input instanceof Request ? input : undefined
    const url = base ? base.#url : addressOf(input)
    const method = given.method === undefined ? base?.#method ?? 'GET' : methodOf(given.method)
    const { signal = base?.signal } = given
    if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) throw new TypeError('signal is no AbortSignal')
    if (given.window !== undefined && given.window !== null) throw new TypeError('there are no windows here')
    const isGiven = (given.body !== undefined && given.body !== null) || Boolean(given[extracted])
    if ((isGiven || (base && hasBody(base))) && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError(`a ${method} request has no body`)
    }
    if (given.duplex !== undefined && given.duplex !== 'half') throw new TypeError('duplex is "half"')
    const body = given[extracted] ?? (isGiven ? extractBody(given.body) : null)
    if (body?.stream && !given[extracted] && given.duplex === undefined) {
      throw new TypeError('a stream as body needs duplex: "half"')
    }
    super(body ?? (base ? moveBody(base) : null))
    this.#url = url
    this.#method = method
    this.#headers = new Headers(given.headers ?? base?.#headers)
    this.#signal = signalFollowing(signal)
    for (const [name, [allowed, otherwise]] of Object.entries(choices)) {
      const value = given[name] === undefined ? base?.#choices[name] ?? otherwise : `${given[name]}`
      if (!allowed.includes(value)) throw new TypeError(`${name} is one of ${allowed.join(', ')}`)
      this.#choices[name] = value
    }
    this.#keepalive = Boolean(given.keepalive ?? base?.#keepalive)
    this.#integrity = `${given.integrity ?? base?.#integrity ?? ''}`
    if (body?.type && !this.#headers.has('content-type')) this.#headers.set('content-type', body.type)
  }
  get url() { return this.#url }
  get method() { return this.#method }
  get headers() { return this.#headers }
  get signal() { return this.#signal }
  get mode() { return this.#choices.mode }
  get credentials() { return this.#choices.credentials }
  get cache() { return this.#choices.cache }
  get redirect() { return this.#choices.redirect }
  get referrer() { return 'about:client' }
  get referrerPolicy() { return '' }
  get destination() { return '' }
  get integrity() { return this.#integrity }
  get keepalive() { return this.#keepalive }
  get duplex() { return 'half' }
  clone() {
    const body = copyBody(this)
    return new Request(this.#url, {
      ...this.#choices, method: this.#method, headers: this.#headers, signal: this.#signal, keepalive: this.#keepalive,
      integrity: this.#integrity, [extracted]: body,
    })
  }
}
exposeInterface('Request', Request)

const withoutBody = [101, 103, 204, 205, 304]
let receive

class Response extends Body {
  #status
  #statusText
  #headers
  #url = ''
  #type = 'default'

  constructor(body, init) {
    const given = dictionary(init, 'the second argument')
    const status = given.status === undefined ? 200 : Math.trunc(Number(given.status)) & 0xffff
    if (status < 200 || status > 599) throw new RangeError('a status is from 200 to 599')
    const statusText = byteText(given.statusText ?? '')
    if (/[^\t -~\x80-\xff]/.test(statusText)) throw new TypeError('statusText is no reason phrase')
    const headers = new Headers(given.headers)
    const made = given[extracted] ?? extractBody(body)
    if (made !== null && withoutBody.includes(status)) throw new TypeError(`a response of status ${status} has no body`)
    super(made)
    this.#status = status
    this.#statusText = statusText
    this.#headers = headers
    if (made?.type && !headers.has('content-type')) headers.set('content-type', made.type)
  }
  get status() { return this.#status }
  get statusText() { return this.#statusText }
  get headers() { return this.#headers }
  get ok() { return this.#status >= 200 && this.#status < 300 }
  get url() { return this.#url }
  get type() { return this.#type }
  get redirected() { return false }
  clone() {
    const body = copyBody(this)
    const response = new Response(null, {
      status: this.#status || 200, statusText: this.#statusText, headers: this.#headers, [extracted]: body,
    })
    response.#status = this.#status
    response.#url = this.#url
    response.#type = this.#type
    return response
  }
  static error() {
    const response = new Response()
    response.#status = 0
    response.#type = 'error'
    frozenHeaders(response.#headers)
    return response
  }
  static redirect(url, status = 302) {
    const { href } = new URL(scalarText(url))
    const number = Math.trunc(Number(status)) & 0xffff
    if (![301, 302, 303, 307, 308].includes(number)) throw new RangeError(`${number} is no status of a redirect`)
    const response = new Response(null, { status: number, headers: { location: href } })
    frozenHeaders(response.#headers)
    return response
  }
  static json(data, init) {
    const text = JSON.stringify(data)
    if (text === undefined) throw new TypeError('this value has no JSON')
    const given = dictionary(init, 'the second argument')
    return new Response(null, {
      status: given.status, statusText: given.statusText, headers: given.headers,
      [extracted]: { ...extractBody(text), type: 'application/json' },
    })
  }
  static {
    receive = ({ status, headers }, url, bytes) => {
      const body = withoutBody.includes(status) ? null : { bytes, type: null }
      const response = new Response(null, { status, headers, [extracted]: body })
      response.#url = url
      response.#type = 'basic'
      frozenHeaders(response.#headers)
      return response
    }
  }
}
exposeInterface('Response', Response)

/** The response that came from `url`. */
export const receivedResponse = (head, url, bytes) => receive(head, url, bytes)
