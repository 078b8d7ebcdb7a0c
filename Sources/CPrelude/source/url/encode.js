// Percent-encoding (WHATWG URL, §1.3). An address is read for every call of fetch: nothing here is a regular expression,
// which would be compiled anew in every isolate.
import { host } from '../host.js'
import { decodeUTF8 } from '../encoding.js'

/** For each character of ASCII whether it is encoded; letters and digits never are, what is beyond ASCII always is. */
function setOf(kept) {
  const set = new Uint8Array(128).fill(1)
  for (const [first, last] of ['09', 'AZ', 'az']) set.fill(0, first.charCodeAt(0), last.charCodeAt(0) + 1)
  for (const character of kept) set[character.charCodeAt(0)] = 0
  return set
}

export const sets = {
  control: setOf(' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'),
  fragment: setOf('!#$%&\'()*+,-./:;=?@[\\]^_{|}~'),
  query: setOf('!$%&\'()*+,-./:;=?@[\\]^_`{|}~'),
  specialQuery: setOf('!$%&()*+,-./:;=?@[\\]^_`{|}~'),
  path: setOf('!$%&\'()*+,-./:;=@[\\]^_|~'),
  userinfo: setOf('!$%&\'()*+,-._~'),
  form: setOf('*-._'),
}

/** Whether a character of `text` is in a set. */
export function touches(text, set) {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127 || set[code] === 1) return true
  }
  return false
}

const digits = '0123456789ABCDEF'

/** `text`, which is well-formed, with the characters of a set as escapes of their bytes. */
export function percentEncode(text, set) {
  if (!touches(text, set)) return text
  let encoded = ''
  for (const byte of host.encode(text)) {
    encoded += byte > 127 || set[byte] === 1 ? `%${digits[byte >> 4]}${digits[byte & 15]}` : String.fromCharCode(byte)
  }
  return encoded
}

/** The text that the bytes of `text` stand for once their escapes are read. */
export function percentDecode(text) {
  if (!text.includes('%')) return text
  const bytes = host.encode(text)
  let count = 0
  for (let index = 0; index < bytes.length; index++) {
    let byte = bytes[index]
    if (byte === 0x25) {
      const [high, low] = [digitOf(bytes[index + 1]), digitOf(bytes[index + 2])]
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low
        index += 2
      }
    }
    bytes[count++] = byte
  }
  return decodeUTF8(bytes.slice(0, count))
}

function digitOf(byte) {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
