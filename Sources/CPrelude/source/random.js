import { host } from './host.js'
import { exposeInterface } from './convert.js'
import { subtle } from './crypto/subtle.js'

const buffer = { words: new Uint32Array(0), next: 0 }

function word() {
  if (buffer.next >= buffer.words.length) {
    buffer.words = new Uint32Array(host.random(1024).buffer)
    buffer.next = 0
  }
  return buffer.words[buffer.next++]
}

/** Forgets what the zygote drew: without it every child would draw the same numbers. */
export function reseed() {
  buffer.words = new Uint32Array(0)
  buffer.next = 0
}

Math.random = function random() {
  return ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992
}

const integerArrays = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
]

class Crypto {
  constructor() { throw new TypeError('Illegal constructor') }
  get subtle() { return subtle }
  getRandomValues(array) {
    if (!ArrayBuffer.isView(array)) throw new TypeError('getRandomValues takes an integer array')
    if (!integerArrays.some((type) => array instanceof type)) {
      throw new DOMException('getRandomValues takes an integer array', 'TypeMismatchError')
    }
    if (array.byteLength > 65536) {
      throw new DOMException('getRandomValues gives at most 65536 bytes', 'QuotaExceededError')
    }
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(host.random(array.byteLength))
    return array
  }
  randomUUID() {
    const bytes = host.random(16)
    bytes[6] = (bytes[6] & 15) | 64
    bytes[8] = (bytes[8] & 63) | 128
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
exposeInterface('Crypto', Crypto)

Object.defineProperty(globalThis, 'crypto', {
  value: Object.create(Crypto.prototype), enumerable: true, configurable: true, writable: true,
})
