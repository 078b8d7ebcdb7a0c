// structuredClone (HTML, §2.7).
import { exposeFunctions, interfaceOf } from './convert.js'
import { cloneBlob } from './blob.js'
import { cloneKey } from './crypto/key.js'

const errors = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }
const { getPrototypeOf } = Object
const view = getPrototypeOf(Uint8Array)
const viewName = Object.getOwnPropertyDescriptor(view.prototype, Symbol.toStringTag).get
const views = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
  BigInt64Array, BigUint64Array,
].concat(globalThis.Float16Array ?? [])
const viewOf = new Map(views.map((type) => [type.name, type]))

function uncloneable(value) {
  let text
  try {
    text = String(value)
  } catch {
    text = 'this object'
  }
  return new DOMException(`${text} cannot be cloned`, 'DataCloneError')
}

function answers(method, value) {
  try {
    method.call(value)
    return true
  } catch {
    return false
  }
}

const sizeOfMap = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get
const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, 'size').get
const lengthOfBuffer = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get
const sourceOf = Object.getOwnPropertyDescriptor(RegExp.prototype, 'source').get
const boxes = [Boolean, Number, String, BigInt].map((type) => type.prototype.valueOf)
const refused = [
  function isPromise() { Promise.prototype.then.call(this, undefined, () => {}) },
  function isWeakMap() { WeakMap.prototype.has.call(this, this) },
  function isWeakSet() { WeakSet.prototype.has.call(this, this) },
  Symbol.prototype.valueOf,
]

function clone(value, seen) {
  if (typeof value === 'symbol' || typeof value === 'function') throw uncloneable(value)
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return seen.get(value)
  const keep = (copy) => {
    seen.set(value, copy)
    return copy
  }
  if (Array.isArray(value)) return members(value, keep(new Array(value.length)), seen)
  const prototype = getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) {
    // An object with this prototype may still be one of the engine's own, but then nothing was made of it by hand.
    const tag = Object.prototype.toString.call(value)
    if (tag === '[object Object]' || Symbol.toStringTag in value) return members(value, keep({}), seen)
  }
  const name = interfaceOf(value)
  if (name !== undefined) return platformObject(name, value, keep)
  if (ArrayBuffer.isView(value)) return viewOn(value, keep, seen)
  if (answers(lengthOfBuffer, value)) return keep(value.slice(0))
  if (answers(Date.prototype.getTime, value)) return keep(new Date(Date.prototype.getTime.call(value)))
  if (value !== RegExp.prototype && answers(sourceOf, value)) return keep(new RegExp(value.source, value.flags))
  if (answers(sizeOfMap, value)) return map(value, keep(new Map()), seen)
  if (answers(sizeOfSet, value)) return set(value, keep(new Set()), seen)
  for (const box of boxes) if (answers(box, value)) return keep(Object(box.call(value)))
  if (Object.prototype.toString.call(value) === '[object Error]' || value instanceof Error) return errorLike(value, keep)
  if (refused.some((method) => answers(method, value)) || typeof value.next === 'function' && isEnginesOwn(value)) {
    throw uncloneable(value)
  }
  return members(value, keep({}), seen)
}

function isEnginesOwn(value) {
  return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value))
}

function members(value, copy, seen) {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(value, key)) continue
    Object.defineProperty(copy, key, { value: clone(value[key], seen), writable: true, enumerable: true, configurable: true })
  }
  return copy
}

// Both are read whole before anything in them is cloned, which may run code that changes them.
function map(value, copy, seen) {
  for (const [key, each] of [...Map.prototype.entries.call(value)]) copy.set(clone(key, seen), clone(each, seen))
  return copy
}

function set(value, copy, seen) {
  for (const each of [...Set.prototype.values.call(value)]) copy.add(clone(each, seen))
  return copy
}

function viewOn(value, keep, seen) {
  const buffer = clone(value.buffer, seen)
  const type = viewName.call(value) === undefined ? DataView : viewOf.get(viewName.call(value))
  return keep(new type(buffer, value.byteOffset, type === DataView ? value.byteLength : value.length))
}

function errorLike(value, keep) {
  const type = errors[value.name] ?? Error
  const message = Object.getOwnPropertyDescriptor(value, 'message')
  const copy = message && 'value' in message ? new type(`${message.value}`) : new type()
  return keep(withStack(copy, value))
}

function withStack(copy, { stack }) {
  if (typeof stack === 'string') {
    Object.defineProperty(copy, 'stack', { value: stack, writable: true, configurable: true })
  }
  return copy
}

function platformObject(name, value, keep) {
  switch (name) {
    case 'Blob': case 'File': return keep(cloneBlob(value))
    case 'CryptoKey': return keep(cloneKey(value))
    case 'DOMException': return keep(withStack(new DOMException(value.message, value.name), value))
    default: throw uncloneable(value)
  }
}

exposeFunctions({
  structuredClone(value, options = undefined) {
    if (arguments.length === 0) throw new TypeError('structuredClone takes a value')
    const transfer = options?.transfer === undefined ? [] : [...options.transfer]
    const seen = new Map()
    for (const each of transfer) {
      const isBuffer = each instanceof ArrayBuffer && !each.detached
      if (!isBuffer || transfer.indexOf(each) !== transfer.lastIndexOf(each)) throw uncloneable(each)
    }
    // What is transferred is seen already; it is taken over once everything else has been cloned.
    const stand = transfer.map((buffer) => [buffer, buffer.slice(0)])
    for (const [buffer, copy] of stand) seen.set(buffer, copy)
    const copy = clone(value, seen)
    for (const buffer of transfer) buffer.transfer()
    return copy
  },
})
