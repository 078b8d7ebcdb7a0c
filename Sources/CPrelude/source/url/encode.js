// Percent-encoding (WHATWG URL, §1.3). Each set is the pattern of what is encoded.
import { host } from '../host.js'
import { decodeUTF8 } from '../encoding.js'

export const sets = {
  control: /[^\x20-\x7e]/gu,
  fragment: /[^\x21\x23-\x3b\x3d\x3f-\x5f\x61-\x7e]/gu,
  query: /[^\x21\x24-\x3b\x3d\x3f-\x7e]/gu,
  specialQuery: /[^\x21\x24-\x26\x28-\x3b\x3d\x3f-\x7e]/gu,
  path: /[^\x21\x24-\x3b\x3d\x40-\x5f\x61-\x7a\x7c\x7e]/gu,
  userinfo: /[^\x21\x24-\x2e\x30-\x39\x41-\x5a\x5f\x61-\x7a\x7e]/gu,
  form: /[^*\-.0-9A-Z_a-z]/gu,
}

const digits = '0123456789ABCDEF'

function escape(character) {
  let text = ''
  for (const byte of host.encode(character)) text += `%${digits[byte >> 4]}${digits[byte & 15]}`
  return text
}

/** `text`, which is well-formed, with the characters of a set as escapes of their bytes. */
export function percentEncode(text, set) {
  return text.replace(set, escape)
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
