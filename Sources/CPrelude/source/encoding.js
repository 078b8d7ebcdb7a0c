// TextEncoder and TextDecoder (WHATWG Encoding), atob and btoa.
import { host } from './host.js'
import { bytesOf, dictionary, exposeFunctions, exposeInterface, scalarText } from './convert.js'
import { fromBase64, toBase64 } from './base64.js'

class TextEncoder {
  get encoding() { return 'utf-8' }
  encode(text = '') { return host.encode(scalarText(text)) }
  encodeInto(text, target) {
    if (!(target instanceof Uint8Array)) throw new TypeError('encodeInto writes to a Uint8Array')
    const bytes = this.encode(text)
    let end = Math.min(bytes.length, target.length)
    while (end > 0 && end < bytes.length && (bytes[end] & 0xc0) === 0x80) end--
    target.set(bytes.subarray(0, end))
    return { read: decodeUTF8(bytes.subarray(0, end)).length, written: end }
  }
}
exposeInterface('TextEncoder', TextEncoder)

const labels = {
  'utf-8': ['unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf-8', 'utf8', 'x-unicode20utf8'],
  'utf-16le': ['csunicode', 'iso-10646-ucs-2', 'ucs-2', 'unicode', 'unicodefeff', 'utf-16', 'utf-16le'],
  'utf-16be': ['unicodefffe', 'utf-16be'],
  'windows-1252': [
    'ansi_x3.4-1968', 'ascii', 'cp1252', 'cp819', 'csisolatin1', 'ibm819', 'iso-8859-1', 'iso-ir-100', 'iso8859-1',
    'iso88591', 'iso_8859-1', 'iso_8859-1:1987', 'l1', 'latin1', 'us-ascii', 'windows-1252', 'x-cp1252',
  ],
}
const encodings = new Map(Object.entries(labels).flatMap(([name, all]) => all.map((label) => [label, name])))

// What windows-1252 has at 0x80 to 0x9f; every other byte is the character of its number.
const windows1252 = '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

function notText() { return new TypeError('the bytes are not text in this encoding') }

class TextDecoder {
  #encoding
  #fatal
  #ignoreBOM
  // The bytes of a character that has begun, and whether the first character is still to come.
  #rest = new Uint8Array(0)
  #isAtStart = true
  #goesOn = false

  constructor(label = 'utf-8', options) {
    const encoding = encodings.get(`${label}`.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase())
    if (encoding === undefined) throw new RangeError(`the encoding ${label} is not supported`)
    const { fatal = false, ignoreBOM = false } = dictionary(options, 'the second argument')
    this.#encoding = encoding
    this.#fatal = Boolean(fatal)
    this.#ignoreBOM = Boolean(ignoreBOM)
  }
  get encoding() { return this.#encoding }
  get fatal() { return this.#fatal }
  get ignoreBOM() { return this.#ignoreBOM }

  decode(source, options) {
    const { stream = false } = dictionary(options, 'the second argument')
    const given = source === undefined ? new Uint8Array(0) : bytesOf(source)
    if (!this.#goesOn) {
      this.#rest = new Uint8Array(0)
      this.#isAtStart = true
    }
    this.#goesOn = Boolean(stream)
    const bytes = this.#rest.length === 0 ? given : joined(this.#rest, given)
    const tail = !stream ? 0 : this.#encoding === 'utf-8' ? unfinishedUTF8(bytes) : this.#unfinished16(bytes)
    this.#rest = bytes.slice(bytes.length - tail)
    let text
    try {
      text = this.#decoded(bytes.subarray(0, bytes.length - tail))
    } catch (error) {
      this.#goesOn = false
      throw error
    }
    if (this.#isAtStart && text.length > 0) {
      this.#isAtStart = false
      if (!this.#ignoreBOM && this.#encoding !== 'windows-1252' && text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    }
    return text
  }

  #decoded(bytes) {
    switch (this.#encoding) {
      case 'utf-8': {
        const text = host.decode(bytes)
        if (text !== undefined) return text
        if (this.#fatal) throw notText()
        return decodeUTF8(bytes)
      }
      case 'windows-1252': return decodeWindows1252(bytes)
      default: return this.#decoded16(bytes)
    }
  }

  #unit(bytes, index) {
    return this.#encoding === 'utf-16le' ? bytes[index] | (bytes[index + 1] << 8) : (bytes[index] << 8) | bytes[index + 1]
  }

  #unfinished16(bytes) {
    if (this.#encoding === 'windows-1252') return 0
    const odd = bytes.length % 2
    const last = bytes.length - odd - 2
    return last >= 0 && (this.#unit(bytes, last) & 0xfc00) === 0xd800 ? odd + 2 : odd
  }

  #decoded16(bytes) {
    let text = ''
    const end = bytes.length - bytes.length % 2
    for (let start = 0; start < end; start += 8192) {
      const units = []
      for (let index = start; index < Math.min(start + 8192, end); index += 2) units.push(this.#unit(bytes, index))
      text += String.fromCharCode(...units)
    }
    // Half a unit after half a pair is one character that cannot be read.
    if (end < bytes.length && (text.length === 0 || (text.charCodeAt(text.length - 1) & 0xfc00) !== 0xd800)) text += '\ud800'
    if (this.#fatal && !text.isWellFormed()) throw notText()
    return text.toWellFormed()
  }
}
exposeInterface('TextDecoder', TextDecoder)

export function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** How many bytes at the end begin a character that is not complete. */
function unfinishedUTF8(bytes) {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count]
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const needed = byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xf0 && byte < 0xf5 ? 4 : 0
    if (needed <= count) return 0
    if (count === 1) return 1
    const second = bytes[bytes.length - count + 1]
    const [low, high] = secondRange(byte)
    return second >= low && second <= high ? count : 0
  }
  return 0
}

function secondRange(first) {
  switch (first) {
    case 0xe0: return [0xa0, 0xbf]
    case 0xed: return [0x80, 0x9f]
    case 0xf0: return [0x90, 0xbf]
    case 0xf4: return [0x80, 0x8f]
    default: return [0x80, 0xbf]
  }
}

/** Decodes with U+FFFD for what is not UTF-8 ("UTF-8 decoder"), and keeps a mark of the byte order. */
export function decodeUTF8(bytes) {
  const whole = host.decode(bytes)
  if (whole !== undefined) return whole
  let text = ''
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index++]
    if (first < 0x80) { text += String.fromCharCode(first); continue }
    const needed = first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0
    if (needed === 0) { text += '\ufffd'; continue }
    let point = first & (0x3f >> needed)
    let [low, high] = secondRange(first)
    let seen = 0
    while (seen < needed && bytes[index] >= low && bytes[index] <= high) {
      point = (point << 6) | (bytes[index++] & 0x3f)
      low = 0x80
      high = 0xbf
      seen++
    }
    text += seen === needed ? String.fromCodePoint(point) : '\ufffd'
  }
  return text
}

/** The text of a body: UTF-8 without its mark of the byte order. */
export function textOf(bytes) {
  const text = decodeUTF8(bytes)
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

function decodeWindows1252(bytes) {
  let text = ''
  for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return text.replace(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80])
}

function invalidCharacter(message) { return new DOMException(message, 'InvalidCharacterError') }

exposeFunctions({
  btoa(text) {
    if (arguments.length === 0) throw new TypeError('btoa takes a text')
    const units = `${text}`
    const bytes = new Uint8Array(units.length)
    for (let index = 0; index < units.length; index++) {
      const code = units.charCodeAt(index)
      if (code > 255) throw invalidCharacter('btoa takes characters up to U+00FF')
      bytes[index] = code
    }
    return toBase64(bytes)
  },
  atob(text) {
    if (arguments.length === 0) throw new TypeError('atob takes a text')
    let digits = `${text}`.replace(/[\t\n\f\r ]/g, '')
    if (digits.length % 4 === 0) digits = digits.replace(/==?$/, '')
    const bytes = fromBase64(digits)
    if (bytes === undefined) throw invalidCharacter('the text is not base64')
    let result = ''
    for (let start = 0; start < bytes.length; start += 8192) result += String.fromCharCode(...bytes.subarray(start, start + 8192))
    return result
  },
})
