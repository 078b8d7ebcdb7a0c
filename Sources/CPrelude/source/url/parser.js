// The parser of addresses (WHATWG URL, §4.4), state by state.
import { percentEncode, sets } from './encode.js'
import { parseHost } from './host.js'

const ports = { ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 }

export const isSpecial = (url) => Object.hasOwn(ports, url.scheme)
export const hasOpaquePath = (url) => typeof url.path === 'string'
export const cannotHaveCredentials = (url) => url.host === null || url.host === '' || url.scheme === 'file'
const hasCredentials = (url) => url.username !== '' || url.password !== ''

const isDriveLetter = (text) => /^[a-zA-Z][:|]$/.test(text)
const startsWithDriveLetter = (text) => /^[a-zA-Z][:|]([/\\?#]|$)/.test(text)
const isSingleDot = (text) => /^(\.|%2e)$/i.test(text)
const isDoubleDot = (text) => /^(\.|%2e){2}$/i.test(text)

function shorten(url) {
  if (url.scheme === 'file' && url.path.length === 1 && /^[a-zA-Z]:$/.test(url.path[0])) return
  url.path.pop()
}

export function emptyURL() {
  return { scheme: '', username: '', password: '', host: null, port: null, path: [], query: null, fragment: null }
}

const failure = Symbol('failure')

/** The address that `text` says, on `base` where it says one relative to it; undefined when it says none. */
export function parse(text, base) {
  const url = emptyURL()
  return step(text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, ''), base, url, 'schemeStart', false) === failure ? undefined : url
}

/** Reads `text` as the part of `url` that a state stands for. Whether it was taken. */
export function parsePart(text, url, state) {
  return step(text, undefined, url, state, true) !== failure
}

function step(given, base, url, first, isPart) {
  const text = given.replace(/[\t\n\r]/g, '')
  const characters = Array.from(text)
  const rest = (index) => characters.slice(index).join('')
  let state = first
  let buffer = ''
  let sawAt = false
  let isInBrackets = false
  let sawPassword = false
  const copy = (...names) => {
    for (const name of names) url[name] = Array.isArray(base[name]) ? [...base[name]] : base[name]
  }

  for (let index = 0; index <= characters.length; index++) {
    const c = characters[index]
    const isEnd = c === undefined
    const isSlash = c === '/' || (c === '\\' && isSpecial(url))
    switch (state) {
      case 'schemeStart':
        if (!isEnd && /[a-zA-Z]/.test(c)) {
          buffer += c.toLowerCase()
          state = 'scheme'
        } else if (isPart) return failure
        else {
          state = 'noScheme'
          index--
        }
        break
      case 'scheme':
        if (!isEnd && /^[a-zA-Z0-9+\-.]$/.test(c)) buffer += c.toLowerCase()
        else if (c === ':') {
          if (isPart) {
            if (isSpecial(url) !== Object.hasOwn(ports, buffer)) return failure
            if (buffer === 'file' && (hasCredentials(url) || url.port !== null)) return failure
            if (url.scheme === 'file' && (url.host === null || url.host === '')) return failure
            url.scheme = buffer
            if (url.port === ports[buffer]) url.port = null
            return undefined
          }
          url.scheme = buffer
          buffer = ''
          if (url.scheme === 'file') state = 'file'
          else if (isSpecial(url)) state = base?.scheme === url.scheme ? 'specialRelativeOrAuthority' : 'specialAuthoritySlashes'
          else if (characters[index + 1] === '/') {
            state = 'pathOrAuthority'
            index++
          } else {
            url.path = ''
            state = 'opaquePath'
          }
        } else if (isPart) return failure
        else {
          buffer = ''
          state = 'noScheme'
          index = -1
        }
        break
      case 'noScheme':
        if (!base || (hasOpaquePath(base) && c !== '#')) return failure
        if (hasOpaquePath(base)) {
          copy('scheme', 'path', 'query')
          url.fragment = ''
          state = 'fragment'
        } else {
          state = base.scheme === 'file' ? 'file' : 'relative'
          index--
        }
        break
      case 'specialRelativeOrAuthority':
        if (c === '/' && characters[index + 1] === '/') {
          state = 'specialAuthorityIgnoreSlashes'
          index++
        } else {
          state = 'relative'
          index--
        }
        break
      case 'pathOrAuthority':
        state = c === '/' ? 'authority' : 'path'
        if (state === 'path') index--
        break
      case 'relative':
        url.scheme = base.scheme
        if (c === '/') state = 'relativeSlash'
        else if (c === '\\' && isSpecial(url)) state = 'relativeSlash'
        else {
          copy('username', 'password', 'host', 'port', 'path', 'query')
          if (c === '?') {
            url.query = ''
            state = 'query'
          } else if (c === '#') {
            url.fragment = ''
            state = 'fragment'
          } else if (!isEnd) {
            url.query = null
            shorten(url)
            state = 'path'
            index--
          }
        }
        break
      case 'relativeSlash':
        if (isSpecial(url) && (c === '/' || c === '\\')) state = 'specialAuthorityIgnoreSlashes'
        else if (c === '/') state = 'authority'
        else {
          copy('username', 'password', 'host', 'port')
          state = 'path'
          index--
        }
        break
      case 'specialAuthoritySlashes':
        state = 'specialAuthorityIgnoreSlashes'
        if (c === '/' && characters[index + 1] === '/') index++
        else index--
        break
      case 'specialAuthorityIgnoreSlashes':
        if (c !== '/' && c !== '\\') {
          state = 'authority'
          index--
        }
        break
      case 'authority':
        if (c === '@') {
          if (sawAt) buffer = `%40${buffer}`
          sawAt = true
          for (const character of buffer) {
            if (character === ':' && !sawPassword) {
              sawPassword = true
              continue
            }
            url[sawPassword ? 'password' : 'username'] += percentEncode(character, sets.userinfo)
          }
          buffer = ''
        } else if (isEnd || isSlash || c === '?' || c === '#') {
          if (sawAt && buffer === '') return failure
          index -= Array.from(buffer).length + 1
          buffer = ''
          state = 'host'
        } else buffer += c
        break
      case 'host':
      case 'hostname':
        if (isPart && url.scheme === 'file') {
          index--
          state = 'fileHost'
        } else if (c === ':' && !isInBrackets) {
          if (buffer === '' || (isPart && first === 'hostname')) return failure
          const host = parseHost(buffer, !isSpecial(url))
          if (host === undefined) return failure
          url.host = host
          buffer = ''
          state = 'port'
        } else if (isEnd || isSlash || c === '?' || c === '#') {
          index--
          if (isSpecial(url) && buffer === '') return failure
          if (isPart && buffer === '' && (hasCredentials(url) || url.port !== null)) return failure
          const host = parseHost(buffer, !isSpecial(url))
          if (host === undefined) return failure
          url.host = host
          buffer = ''
          state = 'pathStart'
          if (isPart) return undefined
        } else {
          if (c === '[') isInBrackets = true
          if (c === ']') isInBrackets = false
          buffer += c
        }
        break
      case 'port':
        if (!isEnd && c >= '0' && c <= '9') buffer += c
        else if (isEnd || isSlash || c === '?' || c === '#' || isPart) {
          if (buffer !== '') {
            const port = Number(buffer)
            if (port > 65535) return failure
            url.port = port === ports[url.scheme] ? null : port
            buffer = ''
            if (isPart) return undefined
          }
          if (isPart) return failure
          state = 'pathStart'
          index--
        } else return failure
        break
      case 'file':
        url.scheme = 'file'
        url.host = ''
        if (c === '/' || c === '\\') state = 'fileSlash'
        else if (base?.scheme === 'file') {
          copy('host', 'path', 'query')
          if (c === '?') {
            url.query = ''
            state = 'query'
          } else if (c === '#') {
            url.fragment = ''
            state = 'fragment'
          } else if (!isEnd) {
            url.query = null
            if (startsWithDriveLetter(rest(index))) url.path = []
            else shorten(url)
            state = 'path'
            index--
          }
        } else {
          state = 'path'
          index--
        }
        break
      case 'fileSlash':
        if (c === '/' || c === '\\') state = 'fileHost'
        else {
          if (base?.scheme === 'file') {
            url.host = base.host
            if (!startsWithDriveLetter(rest(index)) && /^[a-zA-Z]:$/.test(base.path[0] ?? '')) url.path.push(base.path[0])
          }
          state = 'path'
          index--
        }
        break
      case 'fileHost':
        if (isEnd || c === '/' || c === '\\' || c === '?' || c === '#') {
          index--
          if (!isPart && isDriveLetter(buffer)) state = 'path'
          else {
            if (buffer === '') url.host = ''
            else {
              const host = parseHost(buffer, !isSpecial(url))
              if (host === undefined) return failure
              url.host = host === 'localhost' ? '' : host
            }
            if (isPart) return undefined
            buffer = ''
            state = 'pathStart'
          }
        } else buffer += c
        break
      case 'pathStart':
        if (isSpecial(url)) {
          state = 'path'
          if (c !== '/' && c !== '\\') index--
        } else if (!isPart && c === '?') {
          url.query = ''
          state = 'query'
        } else if (!isPart && c === '#') {
          url.fragment = ''
          state = 'fragment'
        } else if (!isEnd) {
          state = 'path'
          if (c !== '/') index--
        } else if (isPart && url.host === null) url.path.push('')
        break
      case 'path':
        if (isEnd || isSlash || (!isPart && (c === '?' || c === '#'))) {
          if (isDoubleDot(buffer)) {
            shorten(url)
            if (!isSlash) url.path.push('')
          } else if (isSingleDot(buffer)) {
            if (!isSlash) url.path.push('')
          } else {
            if (url.scheme === 'file' && url.path.length === 0 && isDriveLetter(buffer)) buffer = `${buffer[0]}:`
            url.path.push(buffer)
          }
          buffer = ''
          if (c === '?') {
            url.query = ''
            state = 'query'
          }
          if (c === '#') {
            url.fragment = ''
            state = 'fragment'
          }
        } else buffer += percentEncode(c, sets.path)
        break
      case 'opaquePath':
        if (c === '?') {
          url.query = ''
          state = 'query'
        } else if (c === '#') {
          url.fragment = ''
          state = 'fragment'
        } else if (!isEnd) url.path += percentEncode(c, sets.control)
        break
      case 'query':
        if (isEnd || (!isPart && c === '#')) {
          url.query += percentEncode(buffer, isSpecial(url) ? sets.specialQuery : sets.query)
          buffer = ''
          if (c === '#') {
            url.fragment = ''
            state = 'fragment'
          }
        } else buffer += c
        break
      case 'fragment':
        url.fragment += percentEncode(rest(index), sets.fragment)
        return undefined
    }
  }
  return undefined
}

export function writePath(url) {
  return hasOpaquePath(url) ? url.path : url.path.map((segment) => `/${segment}`).join('')
}

export function writeHost(url) {
  return url.host === null ? '' : url.port === null ? url.host : `${url.host}:${url.port}`
}

/** The address as text. */
export function write(url) {
  let text = `${url.scheme}:`
  if (url.host !== null) {
    const password = url.password === '' ? '' : `:${url.password}`
    text += `//${hasCredentials(url) ? `${url.username}${password}@` : ''}${writeHost(url)}`
  } else if (!hasOpaquePath(url) && url.path.length > 1 && url.path[0] === '') text += '/.'
  text += writePath(url)
  if (url.query !== null) text += `?${url.query}`
  if (url.fragment !== null) text += `#${url.fragment}`
  return text
}

/** The origin as text. */
export function originOf(url) {
  if (url.scheme === 'blob') {
    const inner = hasOpaquePath(url) ? parse(url.path) : undefined
    return inner?.scheme === 'http' || inner?.scheme === 'https' ? originOf(inner) : 'null'
  }
  return isSpecial(url) && url.scheme !== 'file' ? `${url.scheme}://${writeHost(url)}` : 'null'
}
