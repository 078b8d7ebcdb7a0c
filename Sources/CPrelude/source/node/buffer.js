// Node's Buffer: https://nodejs.org/api/buffer.html
import { codecOf, isEncoding } from './codecs.js'
import { customInspect } from './inspect.js'

class Bytes extends Uint8Array {}

/** The old constructor: `Buffer(text, encoding)` with and without `new`. */
export function Buffer(value, encodingOrOffset, length) {
  return typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value, encodingOrOffset, length)
}
Object.setPrototypeOf(Buffer, Uint8Array)
Buffer.prototype = Bytes.prototype
Object.defineProperty(Buffer.prototype, 'constructor', { value: Buffer, writable: true, configurable: true })

/** The same memory as a Buffer. */
const over = (bytes) => new Bytes(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function bytesOf(value, encoding) {
  if (typeof value === 'string') return codecOf(encoding).decode(value)
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  throw new TypeError('expected a string, a Buffer or a Uint8Array')
}

function size(value) {
  if (typeof value !== 'number') throw new TypeError('the size must be a number')
  if (!(value >= 0 && value <= Buffer.constants.MAX_LENGTH)) throw new RangeError(`the size ${value} is out of range`)
  return value
}

Buffer.poolSize = 0
Buffer.constants = Object.freeze({ MAX_LENGTH: 2 ** 32, MAX_STRING_LENGTH: 2 ** 31 - 1 })

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return over(codecOf(encodingOrOffset).decode(value))
  if (value instanceof ArrayBuffer) return new Bytes(value, encodingOrOffset, length)
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return new Bytes(value)
  if (value?.type === 'Buffer' && Array.isArray(value.data)) return new Bytes(value.data)
  if (typeof value === 'object' && value !== null) {
    const primitive = value.valueOf()
    if (primitive !== value && primitive !== null) return Buffer.from(primitive, encodingOrOffset, length)
    if (typeof value.length === 'number') return new Bytes(Array.from(value))
  }
  throw new TypeError('Buffer.from takes a string, bytes, an array or an ArrayBuffer')
}
Buffer.alloc = function alloc(count, fill, encoding) {
  const buffer = new Bytes(size(count))
  return fill === undefined || fill === 0 ? buffer : buffer.fill(fill, encoding)
}
Buffer.allocUnsafe = (count) => new Bytes(size(count))
Buffer.allocUnsafeSlow = Buffer.allocUnsafe
Buffer.isBuffer = (value) => value instanceof Bytes
Buffer.isEncoding = isEncoding
Buffer.byteLength = (value, encoding) =>
  typeof value === 'string' || ArrayBuffer.isView(value) ? bytesOf(value, encoding).byteLength : value.byteLength
Buffer.concat = function concat(list, total = list.reduce((sum, part) => sum + part.length, 0)) {
  const buffer = Buffer.alloc(total)
  let offset = 0
  for (const part of list) {
    const rest = part.subarray(0, Math.max(0, total - offset))
    buffer.set(rest, offset)
    offset += rest.length
  }
  return buffer
}
Buffer.compare = function compare(left, right) {
  const count = Math.min(left.length, right.length)
  for (let index = 0; index < count; index++) {
    if (left[index] !== right[index]) return left[index] < right[index] ? -1 : 1
  }
  return Math.sign(left.length - right.length)
}

/** The bounds of a part, cut to the length. */
function bounds(start, end, length) {
  const first = Math.min(Math.max(Math.trunc(start) || 0, 0), length)
  const last = end === undefined ? length : Math.min(Math.max(Math.trunc(end) || 0, first), length)
  return [first, last]
}

/** Where `wanted` stands in `bytes`, looked for forwards or backwards from `from`; -1 when nowhere. */
function find(bytes, wanted, from, step) {
  const last = bytes.length - wanted.length
  for (let start = Math.min(from, last); start >= 0 && start <= last; start += step) {
    let index = 0
    while (index < wanted.length && bytes[start + index] === wanted[index]) index++
    if (index === wanted.length) return start
  }
  return -1
}

const needle = (value, encoding) => (typeof value === 'number' ? [value & 255] : bytesOf(value, encoding))

const methods = {
  toString(encoding, start, end) {
    const [first, last] = bounds(start, end, this.length)
    return codecOf(encoding).encode(this.subarray(first, last))
  },
  toLocaleString(encoding, start, end) { return this.toString(encoding, start, end) },
  toJSON() { return { type: 'Buffer', data: Array.from(this) } },
  equals(other) { return Buffer.compare(this, bytesOf(other)) === 0 },
  compare(target, targetStart, targetEnd, start, end) {
    const [otherFirst, otherLast] = bounds(targetStart, targetEnd, target.length)
    const [first, last] = bounds(start, end, this.length)
    return Buffer.compare(this.subarray(first, last), target.subarray(otherFirst, otherLast))
  },
  subarray(start, end) { return over(Uint8Array.prototype.subarray.call(new Uint8Array(this.buffer, this.byteOffset, this.length), start, end)) },
  slice(start, end) { return this.subarray(start, end) },
  copy(target, targetStart = 0, start = 0, end = this.length) {
    const part = this.subarray(start, Math.min(end, start + target.length - targetStart))
    target.set(part, targetStart)
    return part.length
  },
  write(text, offset, length, encoding) {
    if (typeof offset === 'string') [offset, encoding] = [0, offset]
    if (typeof length === 'string') [length, encoding] = [undefined, length]
    const start = offset ?? 0
    const bytes = codecOf(encoding).decode(String(text)).subarray(0, Math.min(length ?? Infinity, this.length - start))
    this.set(bytes, start)
    return bytes.length
  },
  fill(value, start, end, encoding) {
    if (typeof start === 'string') [start, encoding] = [undefined, start]
    if (typeof end === 'string') [end, encoding] = [undefined, end]
    const [first, last] = bounds(start, end, this.length)
    const bytes = typeof value === 'string' || ArrayBuffer.isView(value) ? bytesOf(value, encoding) : [Number(value) & 255]
    if (bytes.length === 0) return Uint8Array.prototype.fill.call(this, 0, first, last)
    for (let index = first; index < last; index++) this[index] = bytes[(index - first) % bytes.length]
    return this
  },
  indexOf(value, from, encoding) {
    if (typeof from === 'string') [from, encoding] = [undefined, from]
    const start = Math.trunc(from) || 0
    return find(this, needle(value, encoding), start < 0 ? Math.max(0, this.length + start) : start, 1)
  },
  lastIndexOf(value, from, encoding) {
    if (typeof from === 'string') [from, encoding] = [undefined, from]
    const start = from === undefined ? this.length : Math.trunc(from) || 0
    return find(this, needle(value, encoding), start < 0 ? this.length + start : start, -1)
  },
  includes(value, from, encoding) { return this.indexOf(value, from, encoding) >= 0 },
  readUIntBE(offset, count) { return read(this, offset, count, false) },
  readUIntLE(offset, count) { return read(this, offset, count, true) },
  readIntBE(offset, count) { return signed(read(this, offset, count, false), count) },
  readIntLE(offset, count) { return signed(read(this, offset, count, true), count) },
  writeUIntBE(value, offset, count) { return put(this, value, offset, count, false) },
  writeUIntLE(value, offset, count) { return put(this, value, offset, count, true) },
  writeIntBE(value, offset, count) { return put(this, value, offset, count, false) },
  writeIntLE(value, offset, count) { return put(this, value, offset, count, true) },
  [customInspect]() {
    const shown = this.subarray(0, 50).toString('hex').replace(/../g, ' $&')
    return `<Buffer${shown}${this.length > 50 ? ` ... ${this.length - 50} more bytes` : ''}>`
  },
}

function range(buffer, offset, count) {
  if (!Number.isInteger(offset) || offset < 0 || offset + count > buffer.length) {
    throw new RangeError(`the offset ${offset} is out of range`)
  }
}

function read(buffer, offset, count, isLittle) {
  range(buffer, offset, count)
  let value = 0
  for (let index = 0; index < count; index++) value = value * 256 + buffer[offset + (isLittle ? count - 1 - index : index)]
  return value
}

const signed = (value, count) => (value >= 2 ** (8 * count - 1) ? value - 2 ** (8 * count) : value)

function put(buffer, value, offset, count, isLittle) {
  range(buffer, offset, count)
  let rest = value < 0 ? value + 2 ** (8 * count) : value
  for (let index = 0; index < count; index++) {
    buffer[offset + (isLittle ? index : count - 1 - index)] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return offset + count
}

// The numbers of a fixed size are DataView's, under Node's names.
const numbers = {
  Int8: ['Int8', 1], UInt8: ['Uint8', 1], Int16: ['Int16', 2], UInt16: ['Uint16', 2], Int32: ['Int32', 4],
  UInt32: ['Uint32', 4], BigInt64: ['BigInt64', 8], BigUInt64: ['BigUint64', 8], Float: ['Float32', 4], Double: ['Float64', 8],
}
for (const [name, [kind, count]] of Object.entries(numbers)) {
  for (const end of count === 1 ? [''] : ['LE', 'BE']) {
    const reading = function (offset = 0) {
      range(this, offset, count)
      return new DataView(this.buffer, this.byteOffset)[`get${kind}`](offset, end === 'LE')
    }
    const writing = function (value, offset = 0) {
      range(this, offset, count)
      new DataView(this.buffer, this.byteOffset)[`set${kind}`](offset, value, end === 'LE')
      return offset + count
    }
    for (const spelling of new Set([name, name.replace('UInt', 'Uint')])) {
      methods[`read${spelling}${end}`] = reading
      methods[`write${spelling}${end}`] = writing
    }
  }
}
for (const [bits, bytes] of [[16, 2], [32, 4], [64, 8]]) {
  methods[`swap${bits}`] = function () {
    if (this.length % bytes !== 0) throw new RangeError(`the size must be a multiple of ${bits} bits`)
    for (let index = 0; index < this.length; index += bytes) this.subarray(index, index + bytes).reverse()
    return this
  }
}
for (const name of Reflect.ownKeys(methods)) {
  Object.defineProperty(Buffer.prototype, name, { value: methods[name], writable: true, configurable: true })
}

/** The bytes of text, a Buffer or any view of memory, for the modules beside this one. */
export { bytesOf }

export default {
  Buffer, SlowBuffer: Buffer, constants: Buffer.constants, kMaxLength: Buffer.constants.MAX_LENGTH,
  get Blob() { return globalThis.Blob }, get File() { return globalThis.File },
  atob: globalThis.atob, btoa: globalThis.btoa,
  isUtf8: (bytes) => !new TextDecoder().decode(bytes).includes('\ufffd'),
  transcode: (bytes, from, to) => Buffer.from(Buffer.from(bytes).toString(from), to),
}
