// The parser of addresses (WHATWG URL, §4.4), state by state.
import { percentEncode, sets } from './encode.js'
import { parseHost } from './host.js'

const ports = { ftp: 21, file: null, http: 80, https: 443, ws: 80, wss: 443 }

export const isSpecial = (url) => Object.hasOwn(ports, url.scheme)
export const hasOpaquePath = (url) => typeof url.path === 'string'
export const cannotHaveCredentials = (url) => url.host === null || url.host === '' || url.scheme === 'file'
const hasCredentials = (url) => url.username !== '' || url.password !== ''

const isDriveLetter = (text) => text.length === 2 && /^[a-zA-Z][:|]$/.test(text)
const startsWithDriveLetter = (text) => /^[a-zA-Z][:|]([/\\?#]|$)/.test(text)
const undotted = (text) => (text.includes('%') ? text.replace(/%2e/gi, '.') : text)
const isSingleDot = (text) => text.length <= 3 && undotted(text) === '.'
const isDoubleDot = (text) => text.length <= 6 && undotted(text) === '..'

function isLetter(character) {
  const code = character?.charCodeAt(0) | 0x20
  return code >= 0x61 && code <= 0x7a && character.length === 1
}

const isDigit = (character) => character >= '0' && character <= '9' && character.length === 1
const isOfScheme = (character) => isLetter(character) || isDigit(character) || character === '+' || character === '-' || character === '.'

function withoutMargins(text) {
  let [start, end] = [0, text.length]
  while (start < end && text.charCodeAt(start) <= 32) start++
  while (start < end && text.charCodeAt(end - 1) <= 32) end--
  return text.slice(start, end)
}

const isBroken = (text) => text.includes('\n') || text.includes('\r') || text.includes('\t')

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
  return step(withoutMargins(text), base, url, 'schemeStart', false) === failure ? undefined : url
}

/** Reads `text` as the part of `url` that a state stands for. Whether it was taken. */
export function parsePart(text, url, state) {
  return step(text, undefined, url, state, true) !== failure
}

function step(given, base, url, first, isPart) {
  const text = isBroken(given) ? given.replace(/[\t\n\r]/g, '') : given
  let state = first
  const copy = (...names) => {
    for (const name of names) url[name] = Array.isArray(base[name]) ? [...base[name]] : base[name]
  }

  // Where a part that begins at `from` ends: at the next of these characters, or with the text.
  const endOf = (from, marks) => {
    let end = from
    while (end < text.length && !marks.includes(text[end])) end++
    return end
  }

  for (let index = 0; index <= text.length; index++) {
    const c = text[index]
    const isEnd = c === undefined
    const isSlash = c === '/' || (c === '\\' && isSpecial(url))
    switch (state) {
      case 'schemeStart': {
        let end = index
        if (isLetter(c)) while (isOfScheme(text[end])) end++
        if (end === index || text[end] !== ':') {
          if (isPart) return failure
          state = 'noScheme'
          index--
          break
        }
        const scheme = text.slice(index, end).toLowerCase()
        if (isPart) {
          if (isSpecial(url) !== Object.hasOwn(ports, scheme)) return failure
          if (scheme === 'file' && (hasCredentials(url) || url.port !== null)) return failure
          if (url.scheme === 'file' && (url.host === null || url.host === '')) return failure
          url.scheme = scheme
          if (url.port === ports[scheme]) url.port = null
          return undefined
        }
        url.scheme = scheme
        index = end
        if (scheme === 'file') state = 'file'
        else if (isSpecial(url)) state = base?.scheme === scheme ? 'specialRelativeOrAuthority' : 'specialAuthoritySlashes'
        else if (text[index + 1] === '/') {
          state = 'pathOrAuthority'
          index++
        } else {
          url.path = ''
          state = 'opaquePath'
        }
        break
      }
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
        if (c === '/' && text[index + 1] === '/') {
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
        if (c === '/' && text[index + 1] === '/') index++
        else index--
        break
      case 'specialAuthorityIgnoreSlashes':
        if (c !== '/' && c !== '\\') {
          state = 'authority'
          index--
        }
        break
      case 'authority': {
        const end = endOf(index, isSpecial(url) ? '/\\?#' : '/?#')
        const credentials = text.slice(index, end)
        const at = credentials.lastIndexOf('@')
        if (at >= 0) {
          if (index + at + 1 === end) return failure
          const colon = credentials.indexOf(':')
          const hasPassword = colon >= 0 && colon < at
          url.username = percentEncode(credentials.slice(0, hasPassword ? colon : at), sets.userinfo)
          if (hasPassword) url.password = percentEncode(credentials.slice(colon + 1, at), sets.userinfo)
        }
        index += at
        state = 'host'
        break
      }
      case 'host':
      case 'hostname': {
        if (isPart && url.scheme === 'file') {
          index--
          state = 'fileHost'
          break
        }
        let end = index
        const marks = isSpecial(url) ? '/\\?#' : '/?#'
        for (let isInBrackets = false; end < text.length && !marks.includes(text[end]); end++) {
          if (text[end] === ':' && !isInBrackets) break
          if (text[end] === '[') isInBrackets = true
          if (text[end] === ']') isInBrackets = false
        }
        const name = text.slice(index, end)
        const hasPort = text[end] === ':'
        if (name === '' && (hasPort || isSpecial(url))) return failure
        if (hasPort && isPart && first === 'hostname') return failure
        if (isPart && name === '' && (hasCredentials(url) || url.port !== null)) return failure
        const host = parseHost(name, !isSpecial(url))
        if (host === undefined) return failure
        url.host = host
        if (hasPort) {
          state = 'port'
          index = end
        } else {
          if (isPart) return undefined
          state = 'pathStart'
          index = end - 1
        }
        break
      }
      case 'port': {
        let end = index
        while (isDigit(text[end] ?? '')) end++
        const isOver = end === text.length || (isSpecial(url) ? '/\\?#' : '/?#').includes(text[end])
        if (!isOver && !isPart) return failure
        if (end > index) {
          const port = Number(text.slice(index, end))
          if (port > 65535) return failure
          url.port = port === ports[url.scheme] ? null : port
          if (isPart) return undefined
        }
        if (isPart) return failure
        state = 'pathStart'
        index = end - 1
        break
      }
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
            if (startsWithDriveLetter(text.slice(index))) url.path = []
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
            if (!startsWithDriveLetter(text.slice(index)) && /^[a-zA-Z]:$/.test(base.path[0] ?? '')) url.path.push(base.path[0])
          }
          state = 'path'
          index--
        }
        break
      case 'fileHost': {
        const end = endOf(index, '/\\?#')
        const name = text.slice(index, end)
        if (!isPart && isDriveLetter(name)) {
          // No host after all: it is the first part of the path.
          state = 'path'
          index--
          break
        }
        if (name === '') url.host = ''
        else {
          const host = parseHost(name, !isSpecial(url))
          if (host === undefined) return failure
          url.host = host === 'localhost' ? '' : host
        }
        if (isPart) return undefined
        state = 'pathStart'
        index = end - 1
        break
      }
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
      case 'path': {
        const end = endOf(index, isSpecial(url) ? (isPart ? '/\\' : '/\\?#') : isPart ? '/' : '/?#')
        const segment = percentEncode(text.slice(index, end), sets.path)
        const next = text[end]
        const goesOn = next === '/' || next === '\\'
        if (isDoubleDot(segment)) {
          shorten(url)
          if (!goesOn) url.path.push('')
        } else if (isSingleDot(segment)) {
          if (!goesOn) url.path.push('')
        } else {
          const isDrive = url.scheme === 'file' && url.path.length === 0 && isDriveLetter(segment)
          url.path.push(isDrive ? `${segment[0]}:` : segment)
        }
        index = end
        if (next === '?') {
          url.query = ''
          state = 'query'
        }
        if (next === '#') {
          url.fragment = ''
          state = 'fragment'
        }
        break
      }
      case 'opaquePath': {
        const end = endOf(index, '?#')
        url.path += percentEncode(text.slice(index, end), sets.control)
        index = end
        if (text[end] === '?') {
          url.query = ''
          state = 'query'
        } else if (text[end] === '#') {
          url.fragment = ''
          state = 'fragment'
        }
        break
      }
      case 'query': {
        const end = endOf(index, isPart ? '' : '#')
        url.query += percentEncode(text.slice(index, end), isSpecial(url) ? sets.specialQuery : sets.query)
        index = end
        if (text[end] === '#') {
          url.fragment = ''
          state = 'fragment'
        }
        break
      }
      case 'fragment':
        url.fragment += percentEncode(text.slice(index), sets.fragment)
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
