// The module `axios` over fetch.
import { Buffer } from '../node/buffer.js'
import { STATUS_CODES } from '../node/http.js'

class AxiosError extends Error {
  constructor(message, code, config, request, response) {
    super(message)
    Object.assign(this, { code, config, request, response, isAxiosError: true })
    if (response) this.status = response.status
  }
  get name() { return 'AxiosError' }
  toJSON() { return { message: this.message, name: this.name, code: this.code, status: this.response?.status ?? null } }
}
for (const code of ['ECONNABORTED', 'ERR_NETWORK', 'ERR_BAD_REQUEST', 'ERR_BAD_RESPONSE', 'ERR_CANCELED']) AxiosError[code] = code

class CanceledError extends AxiosError {
  constructor(message = 'canceled', config) { super(message, 'ERR_CANCELED', config) }
  get name() { return 'CanceledError' }
}

class Interceptors {
  handlers = []
  use(fulfilled, rejected) { return this.handlers.push({ fulfilled, rejected }) - 1 }
  eject(index) { this.handlers[index] = null }
  clear() { this.handlers = [] }
}

/** Field names are compared without their case; a later object wins. */
function mergedHeaders(...objects) {
  const headers = new Headers()
  for (const object of objects) {
    for (const [name, value] of object instanceof Headers ? object : Object.entries(object ?? {})) {
      if (value === undefined || value === null || value === false) headers.delete(name)
      else if (typeof value !== 'object') headers.set(name, String(value))
    }
  }
  return headers
}

const defaults = {
  method: 'get', timeout: 0, headers: { common: { Accept: 'application/json, text/plain, */*' } },
  validateStatus: (status) => status >= 200 && status < 300,
}

function merged(base, given) {
  return { ...base, ...given, headers: { ...base.headers, ...Object.fromEntries(mergedHeaders(given.headers)) }, params: base.params || given.params ? { ...base.params, ...(given.params instanceof URLSearchParams ? Object.fromEntries(given.params) : given.params) } : undefined }
}

function address({ baseURL, url = '', params, paramsSerializer }) {
  const isAbsolute = /^([a-z][a-z\d+.-]*:)?\/\//i.test(url)
  const text = baseURL && !isAbsolute ? (url ? `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}` : baseURL) : url
  if (!params) return text
  const serialize = typeof paramsSerializer === 'function' ? paramsSerializer : paramsSerializer?.serialize
  const pairs = []
  for (const [name, value] of serialize ? [] : Object.entries(params)) {
    if (value === undefined || value === null) continue
    const isList = Array.isArray(value)
    for (const one of isList ? value : [value]) {
      const text = one instanceof Date ? one.toISOString() : typeof one === 'object' ? JSON.stringify(one) : String(one)
      pairs.push(`${encodeURIComponent(name)}${isList ? '[]' : ''}=${encodeURIComponent(text).replace(/%20/g, '+')}`)
    }
  }
  const query = serialize ? serialize(params) : pairs.join('&')
  const [base, ...hash] = text.split('#')
  return query ? `${base}${base.includes('?') ? '&' : '?'}${query}${hash.length ? `#${hash.join('#')}` : ''}` : text
}

function encoded(data, headers) {
  const typed = (type, text) => {
    if (!headers.has('content-type')) headers.set('content-type', type)
    return text
  }
  if (data === undefined || data === null) return undefined
  if (typeof data === 'string') return typed('application/x-www-form-urlencoded', data)
  if (data instanceof URLSearchParams) return typed('application/x-www-form-urlencoded;charset=utf-8', String(data))
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data
  if ((globalThis.FormData && data instanceof FormData) || (globalThis.Blob && data instanceof Blob)) return data
  if (/x-www-form-urlencoded/.test(headers.get('content-type') ?? '')) return String(new URLSearchParams(data))
  return typed('application/json', JSON.stringify(data))
}

function decoded(bytes, { responseType }) {
  if (responseType === 'arraybuffer') return Buffer.from(bytes)
  const text = new TextDecoder().decode(bytes)
  if (responseType === 'text') return text
  try {
    return text === '' ? text : JSON.parse(text)
  } catch {
    return text
  }
}

const transforms = (value) => (Array.isArray(value) ? value : value ? [value] : [])

async function dispatch(config) {
  const method = String(config.method).toUpperCase()
  const { common, ...own } = config.headers ?? {}
  const headers = mergedHeaders(common, own)
  let data = config.data
  for (const transform of transforms(config.transformRequest)) data = transform(data, headers)
  const body = ['GET', 'HEAD'].includes(method) ? undefined : encoded(data, headers)
  if (config.auth) headers.set('authorization', `Basic ${Buffer.from(`${config.auth.username ?? ''}:${config.auth.password ?? ''}`).toString('base64')}`)
  const controller = new AbortController()
  const late = new AxiosError(config.timeoutErrorMessage ?? `timeout of ${config.timeout}ms exceeded`, 'ECONNABORTED', config)
  const timer = config.timeout > 0 ? setTimeout(() => controller.abort(late), config.timeout) : undefined
  if (config.signal?.aborted) throw new CanceledError(undefined, config)
  config.signal?.addEventListener('abort', () => controller.abort(new CanceledError(undefined, config)))
  const url = address(config)
  const request = { method, url }
  let answer
  let bytes
  try {
    answer = await fetch(url, { method, headers, signal: controller.signal, ...(body !== undefined && { body }) })
    bytes = new Uint8Array(await answer.arrayBuffer())
  } catch (error) {
    if (error instanceof AxiosError) throw error
    throw Object.assign(new AxiosError(error.message, error.code ?? 'ERR_NETWORK', config, request), { cause: error })
  } finally {
    clearTimeout(timer)
  }
  const response = {
    data: decoded(bytes, config), status: answer.status, statusText: answer.statusText || STATUS_CODES[answer.status] || '',
    headers: Object.fromEntries(answer.headers), config: { ...config, headers: Object.fromEntries(headers) }, request,
  }
  for (const transform of transforms(config.transformResponse)) response.data = transform(response.data, response.headers)
  if (!config.validateStatus || config.validateStatus(response.status)) return response
  throw new AxiosError(
    `Request failed with status code ${response.status}`, response.status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST',
    config, request, response)
}

function create(base) {
  const interceptors = { request: new Interceptors(), response: new Interceptors() }
  const axios = (first, second) => {
    const config = merged(axios.defaults, typeof first === 'string' ? { ...second, url: first } : first ?? {})
    let promise = Promise.resolve(config)
    for (const one of interceptors.request.handlers.toReversed()) if (one) promise = promise.then(one.fulfilled, one.rejected)
    promise = promise.then(dispatch)
    for (const one of interceptors.response.handlers) if (one) promise = promise.then(one.fulfilled, one.rejected)
    return promise
  }
  axios.request = axios
  for (const method of ['get', 'delete', 'head', 'options']) axios[method] = (url, config) => axios({ ...config, url, method })
  for (const method of ['post', 'put', 'patch']) {
    axios[method] = (url, data, config) => axios({ ...config, url, data, method })
    axios[`${method}Form`] = (url, data, config) =>
      axios({ ...config, url, data, method, headers: { ...config?.headers, 'Content-Type': 'application/x-www-form-urlencoded' } })
  }
  axios.defaults = base
  axios.interceptors = interceptors
  axios.getUri = (config) => address(merged(axios.defaults, config))
  axios.create = (config = {}) => create(merged(axios.defaults, config))
  return axios
}

const axios = create(defaults)
Object.assign(axios, {
  AxiosError, CanceledError, Axios: axios, isAxiosError: (error) => error?.isAxiosError === true,
  isCancel: (error) => error instanceof CanceledError, all: (promises) => Promise.all(promises),
  spread: (callback) => (values) => callback(...values), default: axios,
})

export default axios
