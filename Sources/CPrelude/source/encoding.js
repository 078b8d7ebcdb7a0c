import { host } from './host.js'
import { bytesOf } from './convert.js'

globalThis.TextEncoder = class TextEncoder {
  get encoding() { return 'utf-8' }
  encode(text = '') { return host.encode(String(text).toWellFormed()) }
  encodeInto(text, target) {
    const bytes = this.encode(text)
    const count = Math.min(bytes.length, target.length)
    let end = count
    while (end > 0 && end < bytes.length && (bytes[end] & 0xc0) === 0x80) end--
    target.set(bytes.subarray(0, end))
    return { read: host.decode(bytes.subarray(0, end)).length, written: end }
  }
}

globalThis.TextDecoder = class TextDecoder {
  #fatal
  #ignoreBOM
  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    if (!['utf-8', 'utf8', 'unicode-1-1-utf-8'].includes(String(label).trim().toLowerCase())) {
      throw new RangeError(`the encoding ${label} is not supported`)
    }
    this.#fatal = Boolean(fatal)
    this.#ignoreBOM = Boolean(ignoreBOM)
  }
  get encoding() { return 'utf-8' }
  get fatal() { return this.#fatal }
  get ignoreBOM() { return this.#ignoreBOM }
  decode(source) {
    let bytes = source === undefined ? new Uint8Array(0) : bytesOf(source)
    if (!this.#ignoreBOM && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
    const text = host.decode(bytes)
    if (text !== undefined) return text
    if (this.#fatal) throw new TypeError('the bytes are not UTF-8')
    return lenient(bytes)
  }
}

/** Decodes with U+FFFD for what is not UTF-8 (WHATWG Encoding, "UTF-8 decoder"). */
function lenient(bytes) {
  let text = ''
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index++]
    if (first < 0x80) { text += String.fromCharCode(first); continue }
    const needed = first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0
    if (needed === 0) { text += '\ufffd'; continue }
    let point = first & (0x3f >> needed)
    let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
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

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

globalThis.btoa = function btoa(text) {
  const units = String(text)
  let result = ''
  for (let index = 0; index < units.length; index += 3) {
    const codes = [0, 1, 2].map((offset) => units.charCodeAt(index + offset))
    if (codes.some((code) => code > 255)) throw new DOMException('btoa takes characters up to U+00FF', 'InvalidCharacterError')
    const group = (codes[0] << 16) | ((codes[1] || 0) << 8) | (codes[2] || 0)
    result += alphabet[group >> 18] + alphabet[(group >> 12) & 63]
      + (index + 1 < units.length ? alphabet[(group >> 6) & 63] : '=')
      + (index + 2 < units.length ? alphabet[group & 63] : '=')
  }
  return result
}

globalThis.atob = function atob(text) {
  let digits = String(text).replace(/[\t\n\f\r ]/g, '')
  if (digits.length % 4 === 0) digits = digits.replace(/==?$/, '')
  if (digits.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(digits)) {
    throw new DOMException('the text is not base64', 'InvalidCharacterError')
  }
  let result = ''
  let buffer = 0
  let bits = 0
  for (const digit of digits) {
    buffer = ((buffer << 6) | alphabet.indexOf(digit)) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      result += String.fromCharCode((buffer >> bits) & 255)
    }
  }
  return result
}
