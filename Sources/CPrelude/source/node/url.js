// node:url: the classes of the Web platform, and the older functions. https://nodejs.org/api/url.html
import querystring from './querystring.js'

class Url {
  protocol = null
  slashes = null
  auth = null
  host = null
  port = null
  hostname = null
  hash = null
  search = null
  query = null
  pathname = null
  path = null
  href = ''
  format() { return format(this) }
  resolve(target) { return resolve(this.href, target) }
}

const withHost = new Set(['http:', 'https:', 'ftp:', 'ws:', 'wss:', 'file:'])

function parse(text, parsesQuery = false, slashesMeanHost = false) {
  if (text instanceof Url) return text
  const url = new Url()
  let rest = String(text).trim()
  const hash = rest.indexOf('#')
  if (hash >= 0) [url.hash, rest] = [rest.slice(hash), rest.slice(0, hash)]
  const search = rest.indexOf('?')
  if (search >= 0) [url.search, rest] = [rest.slice(search), rest.slice(0, search)]
  const scheme = /^([a-z][a-z0-9+.-]*:)(.*)$/is.exec(rest)
  if (scheme) [url.protocol, rest] = [scheme[1].toLowerCase(), scheme[2]]
  if (rest.startsWith('//') && (scheme || slashesMeanHost)) {
    const [, authority, path] = /^\/\/([^/]*)(.*)$/s.exec(rest)
    const at = authority.lastIndexOf('@')
    if (at >= 0) url.auth = decodeURIComponent(authority.slice(0, at))
    const [, name, port] = /^(.*?)(?::(\d*))?$/.exec(authority.slice(at + 1))
    url.slashes = true
    url.hostname = name.replace(/^\[|\]$/g, '').toLowerCase()
    url.port = port || null
    url.host = name.toLowerCase() + (port ? `:${port}` : '')
    rest = path || (withHost.has(url.protocol) ? '/' : '')
  }
  url.pathname = rest === '' ? null : rest
  url.query = parsesQuery ? querystring.parse(url.search?.slice(1) ?? '') : url.search === null ? null : url.search.slice(1)
  url.path = url.pathname === null && url.search === null ? null : (url.pathname ?? '') + (url.search ?? '')
  url.href = format(url)
  return url
}

function format(given, options) {
  if (typeof given === 'string') return parse(given).href
  if (given instanceof URL) {
    const copy = new URL(given)
    if (options?.fragment === false) copy.hash = ''
    if (options?.search === false) copy.search = ''
    if (options?.auth === false) copy.username = copy.password = ''
    return copy.href
  }
  const protocol = given.protocol ? String(given.protocol).replace(/:?$/, ':') : ''
  const host = given.host ?? (given.hostname ? `${given.hostname.includes(':') ? `[${given.hostname}]` : given.hostname}${given.port ? `:${given.port}` : ''}` : null)
  const auth = given.auth ? `${encodeURIComponent(given.auth).replace(/%3A/gi, ':')}@` : ''
  const query = given.query && typeof given.query === 'object' ? querystring.stringify(given.query) : ''
  const search = given.search ?? (query ? `?${query}` : '')
  const slashes = (host !== null || protocol === 'file:') && (given.slashes || withHost.has(protocol)) ? '//' : ''
  let path = given.pathname ?? ''
  if (host && path && !path.startsWith('/')) path = `/${path}`
  return protocol + slashes + auth + (host ?? '') + path.replace(/[?#]/g, encodeURIComponent)
    + (search && !search.startsWith('?') ? `?${search}` : search) + (given.hash ? String(given.hash).replace(/^#?/, '#') : '')
}

function resolve(from, to) {
  const base = new URL(from, 'relative://host')
  const result = new URL(to, base)
  return result.protocol === 'relative:' ? result.pathname + result.search + result.hash : result.href
}

export default {
  Url, parse, format, resolve, resolveObject: (from, to) => parse(resolve(from, to)),
  get URL() { return globalThis.URL }, get URLSearchParams() { return globalThis.URLSearchParams },
  urlToHttpOptions: (url) => ({
    protocol: url.protocol, hostname: url.hostname, hash: url.hash, search: url.search, pathname: url.pathname,
    path: url.pathname + url.search, href: url.href, ...(url.port && { port: Number(url.port) }),
    ...(url.username && { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
  }),
}
