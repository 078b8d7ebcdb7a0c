// ReadableStream as far as bodies need it (WHATWG Streams): the default reader and controller, tee and iteration. There
// is nothing to pipe to.
import { dictionary, exposeInterface } from './convert.js'

const creation = Symbol('creation')
const slots = new WeakMap()

function slot(object, kind, name) {
  const found = slots.get(object)
  if (found === undefined || found.kind !== kind) throw new TypeError(`expected a ${name}`)
  return found
}

function deferred() {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  // Nobody has to listen to it.
  made.promise.catch(() => {})
  return made
}

// The state of a stream:
//   state      readable, closed or errored (with `error`)
//   reader     the state of the reader that holds it
//   queue      [chunk, size] that nobody has read; `size` is their sum
//   source     what makes chunks: pull, cancel, measure, highWaterMark
function openStream(object, source, highWaterMark, measure) {
  const stream = {
    kind: 'stream', object, state: 'readable', error: undefined, reader: undefined, isDisturbed: false, queue: [], size: 0,
    source, highWaterMark, measure, isStarted: false, isPulling: false, pullsAgain: false, closes: false, controller: undefined,
  }
  slots.set(object, stream)
  stream.controller = new ReadableStreamDefaultController(creation, stream)
  return stream
}

const canTake = (stream) => stream.state === 'readable' && !stream.closes

function wanted(stream) {
  return stream.state === 'errored' ? null : stream.state === 'closed' ? 0 : stream.highWaterMark - stream.size
}

function pull(stream) {
  if (!canTake(stream) || !stream.isStarted) return
  if (!(stream.reader?.requests.length > 0) && wanted(stream) <= 0) return
  if (stream.isPulling) {
    stream.pullsAgain = true
    return
  }
  stream.isPulling = true
  call(() => stream.source.pull?.(stream.controller)).then(() => {
    stream.isPulling = false
    if (stream.pullsAgain) {
      stream.pullsAgain = false
      pull(stream)
    }
  }, (error) => fail(stream, error))
}

/** What a method of a source gives, as a promise. */
function call(method) {
  try {
    return Promise.resolve(method())
  } catch (error) {
    return Promise.reject(error)
  }
}

function start(stream) {
  const result = stream.source.start?.(stream.controller)
  Promise.resolve(result).then(() => {
    stream.isStarted = true
    pull(stream)
  }, (error) => fail(stream, error))
}

function enqueue(stream, chunk) {
  if (!canTake(stream)) throw new TypeError('the stream takes no more chunks')
  const request = stream.reader?.requests.shift()
  if (request) request.take(chunk)
  else {
    try {
      const size = Number(stream.measure(chunk))
      if (Number.isNaN(size) || size < 0 || size === Infinity) throw new RangeError('the size of a chunk is no size')
      stream.queue.push([chunk, size])
      stream.size += size
    } catch (error) {
      fail(stream, error)
      throw error
    }
  }
  pull(stream)
}

function finish(stream) {
  if (!canTake(stream)) throw new TypeError('the stream is closed')
  stream.closes = true
  if (stream.queue.length === 0) close(stream)
}

function close(stream) {
  stream.state = 'closed'
  stream.source = {}
  const { reader } = stream
  if (!reader) return
  reader.closed.resolve()
  for (const request of reader.requests.splice(0)) request.end()
}

function fail(stream, error) {
  if (stream.state !== 'readable') return
  stream.state = 'errored'
  stream.error = error
  stream.queue = []
  stream.size = 0
  stream.source = {}
  const { reader } = stream
  if (!reader) return
  reader.closed.reject(error)
  for (const request of reader.requests.splice(0)) request.fail(error)
}

function read(stream, request) {
  stream.isDisturbed = true
  if (stream.state === 'closed') return request.end()
  if (stream.state === 'errored') return request.fail(stream.error)
  if (stream.queue.length === 0) {
    stream.reader.requests.push(request)
    return pull(stream)
  }
  const [chunk, size] = stream.queue.shift()
  stream.size = Math.max(0, stream.size - size)
  if (stream.closes && stream.queue.length === 0) close(stream)
  else pull(stream)
  request.take(chunk)
}

function cancel(stream, reason) {
  stream.isDisturbed = true
  if (stream.state === 'closed') return Promise.resolve()
  if (stream.state === 'errored') return Promise.reject(stream.error)
  const { source } = stream
  stream.queue = []
  stream.size = 0
  close(stream)
  return call(() => source.cancel?.(reason)).then(() => undefined)
}

function hold(stream, reader) {
  if (stream.reader) throw new TypeError('the stream is locked')
  stream.reader = reader
  reader.stream = stream
  if (stream.state === 'closed') reader.closed.resolve()
  if (stream.state === 'errored') reader.closed.reject(stream.error)
}

function release(reader) {
  const { stream } = reader
  if (!stream) return
  const error = new TypeError('the reader was released')
  if (stream.state !== 'readable') reader.closed = deferred()
  reader.closed.reject(error)
  stream.reader = undefined
  reader.stream = undefined
  for (const request of reader.requests.splice(0)) request.fail(error)
}

const newReader = () => ({ kind: 'reader', stream: undefined, requests: [], closed: deferred() })

function nextChunk(reader) {
  return new Promise((resolve, reject) => {
    read(reader.stream, {
      take: (value) => resolve({ value, done: false }), end: () => resolve({ value: undefined, done: true }), fail: reject,
    })
  })
}

class ReadableStreamDefaultController {
  constructor(given, stream) {
    if (given !== creation) throw new TypeError('Illegal constructor')
    slots.set(this, { kind: 'controller', stream })
  }
  get desiredSize() { return wanted(slot(this, 'controller', 'controller').stream) }
  get byobRequest() { return null }
  enqueue(chunk) { enqueue(slot(this, 'controller', 'controller').stream, chunk) }
  close() { finish(slot(this, 'controller', 'controller').stream) }
  error(error) { fail(slot(this, 'controller', 'controller').stream, error) }
}
exposeInterface('ReadableStreamDefaultController', ReadableStreamDefaultController)

class ReadableStreamDefaultReader {
  constructor(stream) {
    const state = slot(stream, 'stream', 'ReadableStream')
    const reader = newReader()
    hold(state, reader)
    slots.set(this, reader)
  }
  get closed() {
    try {
      return slot(this, 'reader', 'reader').closed.promise
    } catch (error) {
      return Promise.reject(error)
    }
  }
  read() {
    // Not an async function: its promise would come later than that of `closed`.
    try {
      const reader = slot(this, 'reader', 'reader')
      if (!reader.stream) throw new TypeError('the reader was released')
      return nextChunk(reader)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  async cancel(reason) {
    const reader = slot(this, 'reader', 'reader')
    if (!reader.stream) throw new TypeError('the reader was released')
    return cancel(reader.stream, reason)
  }
  releaseLock() { release(slot(this, 'reader', 'reader')) }
}
exposeInterface('ReadableStreamDefaultReader', ReadableStreamDefaultReader)

function methodOf(source, name) {
  const method = source[name]
  if (method === undefined) return undefined
  if (typeof method !== 'function') throw new TypeError(`${name} is no function`)
  return (...values) => method.apply(source, values)
}

class ReadableStream {
  constructor(source, strategy) {
    const given = source === undefined ? {} : source
    if (given === null || (typeof given !== 'object' && typeof given !== 'function')) throw new TypeError('a source is an object')
    const { type } = given
    if (type !== undefined && `${type}` !== 'bytes') throw new TypeError(`there is no type of stream ${type}`)
    const { highWaterMark = type === undefined ? 1 : 0, size } = dictionary(strategy, 'a strategy')
    const mark = Number(highWaterMark)
    if (Number.isNaN(mark) || mark < 0) throw new RangeError('highWaterMark is no size')
    if (size !== undefined && typeof size !== 'function') throw new TypeError('size is no function')
    if (size !== undefined && type !== undefined) throw new RangeError('a stream of bytes takes no size')
    const methods = { start: methodOf(given, 'start'), pull: methodOf(given, 'pull'), cancel: methodOf(given, 'cancel') }
    start(openStream(this, methods, mark, size === undefined ? () => 1 : (chunk) => size(chunk)))
  }
  get locked() { return slot(this, 'stream', 'ReadableStream').reader !== undefined }
  async cancel(reason) {
    const stream = slot(this, 'stream', 'ReadableStream')
    if (stream.reader) throw new TypeError('the stream is locked')
    return cancel(stream, reason)
  }
  getReader(options) {
    slot(this, 'stream', 'ReadableStream')
    const { mode } = dictionary(options, 'the options')
    if (mode !== undefined) throw new TypeError(`there is no reader of mode ${mode} here`)
    return new ReadableStreamDefaultReader(this)
  }
  tee() { return tee(slot(this, 'stream', 'ReadableStream')) }
  values(options) {
    const stream = slot(this, 'stream', 'ReadableStream')
    const keeps = Boolean(dictionary(options, 'the options').preventCancel)
    const reader = newReader()
    hold(stream, reader)
    return iterate(reader, keeps)
  }
  static from(iterable) {
    const method = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]
    if (typeof method !== 'function') throw new TypeError('from takes an iterable')
    const iterator = method.call(iterable)
    return new ReadableStream({
      async pull(controller) {
        const next = await iterator.next()
        if (typeof next !== 'object' || next === null) throw new TypeError('the iterator gave no object')
        if (next.done) controller.close()
        else controller.enqueue(await next.value)
      },
      async cancel(reason) {
        const result = await iterator.return?.(reason)
        if (result !== undefined && (typeof result !== 'object' || result === null)) throw new TypeError('return gave no object')
      },
    }, { highWaterMark: 0 })
  }
}
exposeInterface('ReadableStream', ReadableStream)
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values, writable: true, configurable: true,
})

const asyncIteration = Object.create(Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype))
Object.assign(asyncIteration, {
  next() { return step(this, 'next') },
  return(value) { return step(this, 'return', value) },
})

// One after the other, whoever asks: each step begins when the one before has ended.
function step(iterator, name, value) {
  const state = slots.get(iterator)
  if (state?.kind !== 'iterator') return Promise.reject(new TypeError('expected an iterator of a ReadableStream'))
  const begin = () => state[name](value)
  const result = state.isBusy ? state.last.then(begin, begin) : begin()
  state.isBusy = true
  state.last = result
  const rest = () => { if (state.last === result) state.isBusy = false }
  result.then(rest, rest)
  return result
}

function iterate(reader, keeps) {
  let isOver = false
  const state = {
    kind: 'iterator', last: undefined, isBusy: false,
    async next() {
      if (isOver) return { value: undefined, done: true }
      try {
        const result = await nextChunk(reader)
        if (!result.done) return result
      } catch (error) {
        isOver = true
        release(reader)
        throw error
      }
      isOver = true
      release(reader)
      return { value: undefined, done: true }
    },
    async return(value) {
      if (isOver) return { value, done: true }
      isOver = true
      const { stream } = reader
      const result = keeps ? undefined : cancel(stream, value)
      release(reader)
      await result
      return { value, done: true }
    },
  }
  const iterator = Object.create(asyncIteration)
  slots.set(iterator, state)
  return iterator
}

function tee(stream) {
  const reader = newReader()
  hold(stream, reader)
  const canceled = deferred()
  const branches = []
  const reasons = [undefined, undefined]
  const isCanceled = [false, false]
  let isReading = false
  let readsAgain = false
  const pullBoth = () => {
    if (isReading) {
      readsAgain = true
      return
    }
    isReading = true
    read(stream, {
      take(chunk) {
        queueMicrotask(() => {
          readsAgain = false
          branches.forEach((branch, index) => { if (!isCanceled[index]) enqueue(slots.get(branch), chunk) })
          isReading = false
          if (readsAgain) pullBoth()
        })
      },
      end() {
        isReading = false
        branches.forEach((branch, index) => { if (!isCanceled[index] && canTake(slots.get(branch))) finish(slots.get(branch)) })
        if (!isCanceled.every(Boolean)) canceled.resolve()
      },
      fail() { isReading = false },
    })
  }
  for (const index of [0, 1]) {
    branches.push(new ReadableStream({
      pull: pullBoth,
      cancel(reason) {
        isCanceled[index] = true
        reasons[index] = reason
        if (isCanceled.every(Boolean)) canceled.resolve(cancel(stream, reasons))
        return canceled.promise
      },
    }))
  }
  reader.closed.promise.catch((error) => {
    for (const branch of branches) fail(slots.get(branch), error)
    if (!isCanceled.every(Boolean)) canceled.resolve()
  })
  return branches
}

/** A stream of these bytes, in pieces of at most 64 KiB. */
export function streamOf(bytes) {
  let offset = 0
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (offset >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(offset, offset + 65536))
      offset += 65536
      if (offset >= bytes.length) controller.close()
    },
  })
}

/** Whether somebody reads from a stream, or has. */
export const isDisturbed = (stream) => slots.get(stream).isDisturbed

/** Every byte of a stream. */
export async function bytesOfStream(stream) {
  const reader = newReader()
  hold(slot(stream, 'stream', 'ReadableStream'), reader)
  const parts = []
  let count = 0
  for (;;) {
    const { value, done } = await nextChunk(reader)
    if (done) break
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError('a chunk of a body is no Uint8Array')
      cancel(reader.stream, error).catch(() => {})
      throw error
    }
    parts.push(value)
    count += value.length
  }
  const bytes = new Uint8Array(count)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

class QueuingStrategy {
  #mark
  constructor(init) {
    if (typeof init !== 'object' || init === null || init.highWaterMark === undefined) {
      throw new TypeError('a strategy needs highWaterMark')
    }
    this.#mark = Number(init.highWaterMark)
  }
  get highWaterMark() { return this.#mark }
}
class CountQueuingStrategy extends QueuingStrategy {
  get size() { return countOne }
}
class ByteLengthQueuingStrategy extends QueuingStrategy {
  get size() { return countBytes }
}
const countOne = { size() { return 1 } }.size
const countBytes = { size(chunk) { return chunk.byteLength } }.size
exposeInterface('CountQueuingStrategy', CountQueuingStrategy)
exposeInterface('ByteLengthQueuingStrategy', ByteLengthQueuingStrategy)
