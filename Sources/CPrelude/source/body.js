// What Request and Response share (Fetch, §5.2 and §5.3).
import { host } from './host.js'
import { bytesOf, isBufferSource, scalarText } from './convert.js'
import { textOf } from './encoding.js'
import { bytesOfBlob } from './blob.js'
import { readForm, writeMultipart } from './form.js'
import { bytesOfStream, isDisturbed, streamOf } from './streams.js'

/** A body from what was given: `{ bytes or stream, type }`; null for none. */
export function extractBody(given) {
  if (given === undefined || given === null) return null
  if (given instanceof ReadableStream) {
    if (given.locked || isDisturbed(given)) throw new TypeError('the stream is in use')
    return { stream: given, type: null }
  }
  if (given instanceof Blob) return { bytes: bytesOfBlob(given), type: given.type || null }
  if (isBufferSource(given)) return { bytes: bytesOf(given).slice(), type: null }
  if (given instanceof FormData) return writeMultipart(given)
  if (given instanceof URLSearchParams) {
    return { bytes: host.encode(String(given)), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
  }
  return { bytes: host.encode(scalarText(given)), type: 'text/plain;charset=UTF-8' }
}

let take
let copy
let move
let present
let whole

export class Body {
  #bytes
  #stream
  #isUsed = false
  constructor(body) {
    this.#bytes = body?.bytes
    this.#stream = body?.stream
  }
  get body() {
    if (this.#bytes !== undefined) {
      this.#stream ??= streamOf(this.#isUsed ? new Uint8Array(0) : this.#bytes)
      // From here on the stream alone knows what has been read.
      this.#bytes = undefined
    }
    return this.#stream ?? null
  }
  get bodyUsed() { return this.#isUsed || (this.#stream !== undefined && isDisturbed(this.#stream)) }

  async arrayBuffer() { return (await take(this)).slice().buffer }
  async bytes() { return (await take(this)).slice() }
  async text() { return textOf(await take(this)) }
  async json() { return JSON.parse(textOf(await take(this))) }
  async blob() { return new Blob([await take(this)], { type: this.headers.get('content-type') ?? '' }) }
  async formData() {
    const type = this.headers.get('content-type') ?? ''
    return readForm(await take(this), type)
  }

  static {
    take = async (object) => {
      if (!(#isUsed in Object(object))) throw new TypeError('expected a Request or a Response')
      if (object.bodyUsed || object.#stream?.locked) throw new TypeError('the body was read already')
      if (object.#stream !== undefined) return bytesOfStream(object.#stream)
      object.#isUsed = object.#bytes !== undefined
      return object.#bytes ?? new Uint8Array(0)
    }
    copy = (object) => {
      if (object.bodyUsed || object.#stream?.locked) throw new TypeError('the body was read already')
      if (object.#bytes !== undefined) return { bytes: object.#bytes, type: null }
      if (object.#stream === undefined) return null
      const [first, second] = object.#stream.tee()
      object.#stream = first
      return { stream: second, type: null }
    }
    move = (object) => {
      if (object.bodyUsed || object.#stream?.locked) throw new TypeError('the body was read already')
      if (!present(object)) return null
      object.#isUsed = true
      if (object.#bytes !== undefined) return { bytes: object.#bytes, type: null }
      const reader = object.#stream.getReader()
      const stream = new ReadableStream({
        async pull(controller) {
          const { value, done } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel: (reason) => reader.cancel(reason),
      }, { highWaterMark: 0 })
      return { stream, type: null }
    }
    present = (object) => object.#bytes !== undefined || object.#stream !== undefined
    whole = (object) => (object.#stream === undefined && !object.#isUsed ? object.#bytes ?? new Uint8Array(0) : undefined)
  }
}

/** Reads the bytes of a body, which is then used. */
export const takeBody = (object) => take(object)
/** The same body once more; a stream is split. */
export const copyBody = (object) => copy(object)
/** The body itself, for another object; here it is then used. */
export const moveBody = (object) => move(object)
export const hasBody = (object) => present(object)
/** The bytes of a body that holds them, untouched; undefined when it has to be read. */
export const wholeBody = (object) => whole(object)
