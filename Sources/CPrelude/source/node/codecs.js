// The encodings of Node's Buffer: text to bytes and back.
import { host } from '../host.js'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const chunk = 8192

/** Text of one code unit a byte, `mask` of it kept. */
function fromUnits(bytes, mask) {
  let text = ''
  for (let index = 0; index < bytes.length; index += chunk) {
    const part = bytes.subarray(index, index + chunk)
    text += String.fromCharCode.apply(null, mask === 255 ? part : part.map((byte) => byte & mask))
  }
  return text
}

function toUnits(text) {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

const hexDigits = '0123456789abcdef'

const hex = {
  encode(bytes) {
    let text = ''
    for (const byte of bytes) text += hexDigits[byte >> 4] + hexDigits[byte & 15]
    return text
  },
  /** Stops at the first pair that is not hexadecimal, as Node does. */
  decode(text) {
    const bytes = new Uint8Array(text.length >> 1)
    for (let index = 0; index < bytes.length; index++) {
      const pair = text.slice(2 * index, 2 * index + 2)
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) return bytes.subarray(0, index)
      bytes[index] = Number.parseInt(pair, 16)
    }
    return bytes
  },
}

const alphabets = {
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
}
const values = new Int8Array(128).fill(-1)
for (const alphabet of Object.values(alphabets)) {
  for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value
}

function encode64(bytes, alphabet, pads) {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index
    const group = (bytes[index] << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
    text += alphabet[group >> 18] + alphabet[(group >> 12) & 63]
    if (left > 1) text += alphabet[(group >> 6) & 63]
    if (left > 2) text += alphabet[group & 63]
    else if (pads) text += left > 1 ? '=' : '=='
  }
  return text
}

/** Takes either alphabet, and passes over what is of neither, as Node does. */
function decode64(text) {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4))
  let count = 0
  let bits = 0
  let buffer = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 61) break
    const value = code < 128 ? values[code] : -1
    if (value < 0) continue
    buffer = ((buffer << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[count++] = (buffer >> bits) & 255
    }
  }
  return bytes.subarray(0, count)
}

const utf16le = {
  encode(bytes) {
    let text = ''
    for (let index = 0; index + 1 < bytes.length; index += 2) {
      text += String.fromCharCode(bytes[index] | (bytes[index + 1] << 8))
    }
    return text
  },
  decode(text) {
    const bytes = new Uint8Array(2 * text.length)
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      bytes[2 * index] = unit & 255
      bytes[2 * index + 1] = unit >> 8
    }
    return bytes
  },
}

const utf8 = { encode: (bytes) => decoder.decode(bytes), decode: (text) => host.encode(text.toWellFormed()) }
const latin1 = { encode: (bytes) => fromUnits(bytes, 255), decode: toUnits }
const codecs = {
  utf8, 'utf-8': utf8, latin1, binary: latin1, hex,
  ascii: { encode: (bytes) => fromUnits(bytes, 127), decode: toUnits },
  base64: { encode: (bytes) => encode64(bytes, alphabets.base64, true), decode: decode64 },
  base64url: { encode: (bytes) => encode64(bytes, alphabets.base64url, false), decode: decode64 },
  utf16le, 'utf-16le': utf16le, ucs2: utf16le, 'ucs-2': utf16le,
}

export const isEncoding = (name) => typeof name === 'string' && Object.hasOwn(codecs, name.toLowerCase())

/** The codec of an encoding's name; UTF-8 when none is named. */
export function codecOf(name) {
  if (name === undefined || name === null || name === '') return utf8
  if (!isEncoding(name)) throw new TypeError(`Unknown encoding: ${name}`)
  return codecs[name.toLowerCase()]
}
