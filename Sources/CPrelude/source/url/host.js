// Hosts of addresses (WHATWG URL, §3).
import { percentDecode, percentEncode, sets, touches } from './encode.js'
import { domainToASCII } from './domain.js'

const forbidden = new Uint8Array(128)
for (const character of '\0\t\n\r #/:<>?@[\\]^|') forbidden[character.charCodeAt(0)] = 1
const forbiddenInDomain = forbidden.slice().fill(1, 0, 33)
for (const character of '%\x7f') forbiddenInDomain[character.charCodeAt(0)] = 1

/** The host in the form in which it is written; undefined when it is none. */
export function parseHost(text, isOpaque) {
  if (text.startsWith('[')) {
    const pieces = text.endsWith(']') ? parseIPv6(text.slice(1, -1)) : undefined
    return pieces && `[${writeIPv6(pieces)}]`
  }
  if (isOpaque) return hasForbidden(text) ? undefined : percentEncode(text, sets.control)
  const domain = domainToASCII(percentDecode(text))
  if (domain === undefined || domain === '' || touches(domain, forbiddenInDomain)) return undefined
  return endsInNumber(domain) ? parseIPv4(domain) : domain
}

function hasForbidden(text) {
  for (let index = 0; index < text.length; index++) if (forbidden[text.charCodeAt(index)] === 1) return true
  return false
}

function endsInNumber(domain) {
  // Most do not, and are told by one character.
  const first = domain.charCodeAt(domain.lastIndexOf('.', domain.length - 2) + 1)
  if (first < 0x30 || first > 0x39) return false
  const parts = domain.split('.')
  if (parts.at(-1) === '') {
    if (parts.length === 1) return false
    parts.pop()
  }
  return /^\d+$/.test(parts.at(-1)) || /^0[xX][0-9a-fA-F]*$/.test(parts.at(-1))
}

function numberOf(text) {
  if (text === '') return NaN
  if (/^0[xX][0-9a-fA-F]*$/.test(text)) return text.length === 2 ? 0 : parseInt(text.slice(2), 16)
  if (/^0[0-7]+$/.test(text)) return parseInt(text, 8)
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : NaN
}

function parseIPv4(domain) {
  const parts = domain.split('.')
  if (parts.at(-1) === '' && parts.length > 1) parts.pop()
  if (parts.length > 4) return undefined
  const numbers = parts.map(numberOf)
  if (numbers.some(Number.isNaN) || numbers.slice(0, -1).some((number) => number > 255)) return undefined
  if (numbers.at(-1) >= 256 ** (5 - numbers.length)) return undefined
  let address = numbers.at(-1)
  numbers.slice(0, -1).forEach((number, index) => { address += number * 256 ** (3 - index) })
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

function parseIPv6(text) {
  const pieces = [0, 0, 0, 0, 0, 0, 0, 0]
  let piece = 0
  let compress = -1
  let index = 0
  if (text[0] === ':') {
    if (text[1] !== ':') return undefined
    index = 2
    compress = ++piece
  }
  while (index < text.length) {
    if (piece === 8) return undefined
    if (text[index] === ':') {
      if (compress >= 0) return undefined
      index++
      compress = ++piece
      continue
    }
    const digits = /^[0-9a-fA-F]{0,4}/.exec(text.slice(index, index + 4))[0]
    if (text[index + digits.length] === '.') {
      if (digits.length === 0 || piece > 6) return undefined
      const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text.slice(index))?.slice(1)
      if (!parts || parts.some((part) => Number(part) > 255 || (part.length > 1 && part[0] === '0'))) return undefined
      pieces[piece++] = Number(parts[0]) * 256 + Number(parts[1])
      pieces[piece++] = Number(parts[2]) * 256 + Number(parts[3])
      index = text.length
      break
    }
    index += digits.length
    if (text[index] === ':') {
      if (++index === text.length) return undefined
    } else if (index < text.length) return undefined
    pieces[piece++] = parseInt(digits || '0', 16)
  }
  if (compress >= 0) {
    const moved = pieces.splice(compress, piece - compress)
    while (pieces.length + moved.length > 8) pieces.pop()
    pieces.push(...moved)
  } else if (piece !== 8) return undefined
  return pieces
}

function writeIPv6(pieces) {
  let [start, longest] = [-1, 1]
  for (let index = 0; index < 8; index++) {
    let count = 0
    while (index + count < 8 && pieces[index + count] === 0) count++
    if (count > longest) [start, longest] = [index, count]
  }
  const write = (part) => part.map((piece) => piece.toString(16)).join(':')
  if (start < 0) return write(pieces)
  return `${write(pieces.slice(0, start))}::${write(pieces.slice(start + longest))}`
}
