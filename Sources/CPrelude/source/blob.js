// Blob and File (File API).
import { host } from './host.js'
import { bytesOf, dictionary, exposeInterface, isBufferSource, scalarText } from './convert.js'
import { joined, textOf } from './encoding.js'
import { clock } from './clock.js'
import { streamOf } from './streams.js'

let content

function clamped(value, size, otherwise) {
  if (value === undefined) return otherwise
  const number = Math.trunc(Number(value)) || 0
  return number < 0 ? Math.max(size + number, 0) : Math.min(number, size)
}

const typeOf = (value) => {
  const type = `${value}`
  return /[^ -~]/.test(type) ? '' : type.toLowerCase()
}

class Blob {
  #bytes
  #type
  constructor(parts, options) {
    if (parts !== undefined && (typeof parts !== 'object' && typeof parts !== 'function' || parts === null
      || typeof parts[Symbol.iterator] !== 'function')) throw new TypeError('the parts of a blob are a list')
    const { endings = 'transparent', type = '' } = dictionary(options, 'the options')
    if (!['transparent', 'native'].includes(`${endings}`)) throw new TypeError(`there are no endings ${endings}`)
    const pieces = parts === undefined ? [] : Array.from(parts, (part) => {
      if (part instanceof Blob) return part.#bytes
      if (isBufferSource(part)) return bytesOf(part).slice()
      const text = scalarText(part)
      return host.encode(`${endings}` === 'native' ? text.replace(/\r\n?/g, '\n') : text)
    })
    this.#bytes = joined(...pieces)
    this.#type = typeOf(type)
  }
  get size() { return this.#bytes.length }
  get type() { return this.#type }
  slice(start, end, type = '') {
    const from = clamped(start, this.size, 0)
    const to = clamped(end, this.size, this.size)
    const blob = new Blob()
    // Nothing changes the bytes of a blob: parts of it may share them.
    blob.#bytes = this.#bytes.subarray(from, Math.max(from, to))
    blob.#type = typeOf(type)
    return blob
  }
  async arrayBuffer() { return this.#bytes.slice().buffer }
  async bytes() { return this.#bytes.slice() }
  async text() { return textOf(this.#bytes) }
  stream() { return streamOf(this.#bytes) }
  static { content = (blob) => blob.#bytes }
}
exposeInterface('Blob', Blob)

class File extends Blob {
  #name
  #lastModified
  constructor(parts, name, options) {
    if (arguments.length < 2) throw new TypeError('a file needs parts and a name')
    super(parts ?? null, options)
    const { lastModified = clock.wall } = dictionary(options, 'the options')
    this.#name = scalarText(name)
    this.#lastModified = Math.trunc(Number(lastModified)) || 0
  }
  get name() { return this.#name }
  get lastModified() { return this.#lastModified }
}
exposeInterface('File', File)

/** The bytes of a blob, which must not be changed. */
export const bytesOfBlob = (blob) => content(blob)
