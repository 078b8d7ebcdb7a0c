// node:util: https://nodejs.org/api/util.html
import { format, inspect } from './inspect.js'
import { isDeepStrictEqual } from './equality.js'

const customPromisify = Symbol.for('nodejs.util.promisify.custom')

export function promisify(original) {
  if (typeof original !== 'function') throw new TypeError('promisify takes a function')
  if (typeof original[customPromisify] === 'function') return original[customPromisify]
  const promised = function (...values) {
    return new Promise((resolve, reject) => {
      original.call(this, ...values, (error, value) => (error ? reject(error) : resolve(value)))
    })
  }
  return Object.defineProperties(Object.setPrototypeOf(promised, Object.getPrototypeOf(original)), Object.getOwnPropertyDescriptors(original))
}
promisify.custom = customPromisify

function callbackify(original) {
  return function (...values) {
    const callback = values.pop()
    original.apply(this, values).then(
      (value) => queueMicrotask(() => callback(null, value)),
      (error) => queueMicrotask(() => callback(error ?? new Error('a promise was rejected without a reason'))))
  }
}

export function inherits(constructor, parent) {
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true })
  Object.setPrototypeOf(constructor.prototype, parent.prototype)
}

function deprecate(original, message) {
  let isSaid = false
  return function (...values) {
    if (!isSaid) console.warn(`DeprecationWarning: ${message}`)
    isSaid = true
    return new.target ? Reflect.construct(original, values, new.target) : original.apply(this, values)
  }
}

const tag = (value) => Object.prototype.toString.call(value).slice(8, -1)
const tagged = (...names) => (value) => typeof value === 'object' && value !== null && names.includes(tag(value))

export const types = {
  isDate: (value) => value instanceof Date, isRegExp: (value) => value instanceof RegExp,
  isNativeError: (value) => value instanceof Error, isPromise: (value) => value instanceof Promise,
  isMap: (value) => value instanceof Map, isSet: (value) => value instanceof Set,
  isWeakMap: (value) => value instanceof WeakMap, isWeakSet: (value) => value instanceof WeakSet,
  isArrayBuffer: (value) => value instanceof ArrayBuffer, isAnyArrayBuffer: (value) => value instanceof ArrayBuffer,
  isDataView: (value) => value instanceof DataView, isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
  isUint8Array: (value) => value instanceof Uint8Array,
  isAsyncFunction: (value) => typeof value === 'function' && ['AsyncFunction', 'AsyncGeneratorFunction'].includes(tag(value)),
  isGeneratorFunction: (value) => typeof value === 'function' && tag(value).endsWith('GeneratorFunction'),
  isGeneratorObject: tagged('Generator', 'AsyncGenerator'),
  isBoxedPrimitive: (value) => typeof value === 'object' && [Number, String, Boolean, Symbol, BigInt].some((type) => value instanceof type),
  isSymbolObject: tagged('Symbol'), isNumberObject: (value) => value instanceof Number, isStringObject: (value) => value instanceof String,
  isBooleanObject: (value) => value instanceof Boolean, isArgumentsObject: tagged('Arguments'), isProxy: () => false,
}

export default {
  promisify, callbackify, inherits, deprecate, inspect, format, types, isDeepStrictEqual,
  formatWithOptions: (_, ...values) => format(...values),
  debuglog: () => Object.assign(() => {}, { enabled: false }), debug: () => Object.assign(() => {}, { enabled: false }),
  log: (...values) => console.log(format(...values)),
  stripVTControlCharacters: (text) => String(text).replace(/\u001b\[[0-9;]*[A-Za-z]/g, ''),
  toUSVString: (text) => String(text).toWellFormed(),
  TextEncoder: globalThis.TextEncoder, TextDecoder: globalThis.TextDecoder,
  isArray: Array.isArray, isBuffer: (value) => globalThis.Buffer.isBuffer(value),
  isBoolean: (value) => typeof value === 'boolean', isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined, isNumber: (value) => typeof value === 'number',
  isString: (value) => typeof value === 'string', isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined, isRegExp: types.isRegExp, isDate: types.isDate, isError: types.isNativeError,
  isObject: (value) => typeof value === 'object' && value !== null, isFunction: (value) => typeof value === 'function',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
}
