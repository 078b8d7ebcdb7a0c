// Base64 (RFC 4648) between bytes and text.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const codes = [...alphabet].map((digit) => digit.charCodeAt(0))
const values = new Int8Array(128).fill(-1)
codes.forEach((code, value) => { values[code] = value })

/** The digits of `bytes`, padded to a multiple of four. */
export function toBase64(bytes) {
  let text = ''
  // As many as `fromCharCode` takes arguments without fear for the stack; a multiple of three.
  for (let start = 0; start < bytes.length; start += 6144) {
    const digits = []
    const end = Math.min(start + 6144, bytes.length)
    for (let index = start; index < end; index += 3) {
      const group = (bytes[index] << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
      digits.push(codes[group >> 18], codes[(group >> 12) & 63],
        index + 1 < end ? codes[(group >> 6) & 63] : 61, index + 2 < end ? codes[group & 63] : 61)
    }
    text += String.fromCharCode(...digits)
  }
  return text
}

/** The bytes that unpadded digits stand for; undefined when one is no digit or one is left over. */
export function fromBase64(digits) {
  if (digits.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor(digits.length * 3 / 4))
  let buffer = 0
  let bits = 0
  let count = 0
  for (let index = 0; index < digits.length; index++) {
    const code = digits.charCodeAt(index)
    const value = code < 128 ? values[code] : -1
    if (value < 0) return undefined
    buffer = ((buffer << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[count++] = (buffer >> bits) & 255
    }
  }
  return bytes
}

/** The same in the alphabet of URLs, without padding (RFC 7515 §2). */
export function toBase64URL(bytes) {
  return toBase64(bytes).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
}

export function fromBase64URL(text) {
  return /[+/]/.test(text) ? undefined : fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}
