// URL (WHATWG URL, §6.1).
import { exposeInterface, scalarText } from '../convert.js'
import { percentEncode, sets } from './encode.js'
import {
  cannotHaveCredentials, hasOpaquePath, originOf, parse, parsePart, write, writeHost, writePath,
} from './parser.js'
import { attachTo } from './searchparams.js'

function read(address, base) {
  const on = base === undefined ? undefined : parse(scalarText(base))
  if (base !== undefined && on === undefined) return undefined
  return parse(scalarText(address), on)
}

let make

class URL {
  #url
  #params
  constructor(address, base = undefined) {
    if (arguments.length === 0) throw new TypeError('an address is missing')
    this.#url = read(address, base)
    if (this.#url === undefined) throw new TypeError(`${JSON.stringify(String(address))} is no address`)
  }
  static parse(address, base = undefined) {
    if (arguments.length === 0) throw new TypeError('an address is missing')
    const url = read(address, base)
    return url === undefined ? null : make(url)
  }
  static canParse(address, base = undefined) {
    if (arguments.length === 0) throw new TypeError('an address is missing')
    return read(address, base) !== undefined
  }
  get href() { return write(this.#url) }
  set href(value) {
    const url = parse(scalarText(value))
    if (url === undefined) throw new TypeError(`${JSON.stringify(String(value))} is no address`)
    this.#url = url
    this.#readQuery()
  }
  get origin() { return originOf(this.#url) }
  get protocol() { return `${this.#url.scheme}:` }
  set protocol(value) { parsePart(`${scalarText(value)}:`, this.#url, 'schemeStart') }
  get username() { return this.#url.username }
  set username(value) {
    const text = scalarText(value)
    if (!cannotHaveCredentials(this.#url)) this.#url.username = percentEncode(text, sets.userinfo)
  }
  get password() { return this.#url.password }
  set password(value) {
    const text = scalarText(value)
    if (!cannotHaveCredentials(this.#url)) this.#url.password = percentEncode(text, sets.userinfo)
  }
  get host() { return writeHost(this.#url) }
  set host(value) {
    const text = scalarText(value)
    if (!hasOpaquePath(this.#url)) parsePart(text, this.#url, 'host')
  }
  get hostname() { return this.#url.host ?? '' }
  set hostname(value) {
    const text = scalarText(value)
    if (!hasOpaquePath(this.#url)) parsePart(text, this.#url, 'hostname')
  }
  get port() { return this.#url.port === null ? '' : String(this.#url.port) }
  set port(value) {
    const text = scalarText(value)
    if (cannotHaveCredentials(this.#url)) return
    if (text === '') this.#url.port = null
    else parsePart(text, this.#url, 'port')
  }
  get pathname() { return writePath(this.#url) }
  set pathname(value) {
    const text = scalarText(value)
    if (hasOpaquePath(this.#url)) return
    this.#url.path = []
    parsePart(text, this.#url, 'pathStart')
  }
  get search() { return this.#url.query ? `?${this.#url.query}` : '' }
  set search(value) {
    const text = scalarText(value)
    this.#url.query = null
    if (text !== '') {
      this.#url.query = ''
      parsePart(text.replace(/^\?/, ''), this.#url, 'query')
    } else this.#trim()
    this.#readQuery()
  }
  get searchParams() {
    if (this.#params === undefined) {
      this.#params = new URLSearchParams()
      this.#readQuery()
    }
    return this.#params
  }
  get hash() { return this.#url.fragment ? `#${this.#url.fragment}` : '' }
  set hash(value) {
    const text = scalarText(value)
    this.#url.fragment = null
    if (text !== '') {
      this.#url.fragment = ''
      parsePart(text.replace(/^#/, ''), this.#url, 'fragment')
    } else this.#trim()
  }
  toString() { return this.href }
  toJSON() { return this.href }

  #readQuery() {
    if (this.#params === undefined) return
    attachTo(this.#params, this.#url.query, () => {
      const query = String(this.#params)
      this.#url.query = query === '' ? null : query
      if (query === '') this.#trim()
    })
  }
  /** Spaces at the end of an opaque path would be lost when it is read again. */
  #trim() {
    if (hasOpaquePath(this.#url) && this.#url.query === null && this.#url.fragment === null) {
      this.#url.path = this.#url.path.replace(/ +$/, '')
    }
  }
  static {
    make = (record) => {
      const url = new URL('about:blank')
      url.#url = record
      return url
    }
  }
}
exposeInterface('URL', URL)
