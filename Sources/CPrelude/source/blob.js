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
  constructor(parts = undefined, options = undefined) {
    if (parts !== undefined && (typeof parts !== 'object' && typeof parts !== 'function' || parts === null
      || typeof parts[Symbol.iterator] !== 'function')) throw new TypeError('the parts of a blob are a list')
    const found = parts === undefined ? [] : Array.from(parts, (part) => (
      part instanceof Blob ? part.#bytes : isBufferSource(part) ? bytesOf(part).slice() : scalarText(part)))
    const { endings = 'transparent', type = '' } = dictionary(options, 'the options')
    const way = `${endings}`
    if (!['transparent', 'native'].includes(way)) throw new TypeError(`there are no endings ${way}`)
    const pieces = found.map((piece) => (typeof piece !== 'string' ? piece
      : host.encode(way === 'native' ? piece.replace(/\r\n?/g, '\n') : piece)))
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

/** Another blob or file with the same bytes. */
export function cloneBlob(blob) {
  if (!(blob instanceof File)) return blob.slice(0, blob.size, blob.type)
  return new File([blob], blob.name, { type: blob.type, lastModified: blob.lastModified })
}

/** The bytes of a blob, which must not be changed. */
export const bytesOfBlob = (blob) => content(blob)
