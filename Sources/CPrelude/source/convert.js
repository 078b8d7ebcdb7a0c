// Conversions that the Web's interfaces make of their arguments (Web IDL).

/** The bytes of any buffer or view; throws for anything else. */
export function bytesOf(source) {
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  throw new TypeError('expected an ArrayBuffer or a view of one')
}

export const isBufferSource = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)

/** A dictionary: undefined and null are empty ones. */
export function dictionary(value, name) {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${name} is no object`)
  return value
}

/** A member of a dictionary that has to be there. */
export function required(value, member, name) {
  const found = value[member]
  if (found === undefined) throw new TypeError(`${name} needs ${member}`)
  return found
}

/** A whole number from 0 to `most`; anything else throws. */
export function wholeNumber(value, most, name) {
  const number = Math.trunc(Number(value))
  if (!Number.isFinite(number) || number < 0 || number > most) throw new TypeError(`${name} is out of range`)
  return number
}

/** Text in which no half of a surrogate pair stands alone. */
export const scalarText = (value) => {
  if (typeof value === 'symbol') throw new TypeError('a symbol is no text')
  return `${value}`.toWellFormed()
}

/** Text whose characters are bytes. */
export function byteText(value) {
  const text = `${value}`
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 255) throw new TypeError(`${JSON.stringify(text)} has a character beyond U+00FF`)
  }
  return text
}

const interfaces = new Map()

/** The name of the interface that an object belongs to; undefined for one that belongs to none. */
export function interfaceOf(object) {
  for (let each = Object.getPrototypeOf(object); each !== null; each = Object.getPrototypeOf(each)) {
    if (interfaces.has(each)) return interfaces.get(each)
  }
  return undefined
}

/**
 * Makes an interface global under `name`, which the bundler does not keep by itself, with enumerable members and
 * objects that say what they are.
 */
export function exposeInterface(name, type) {
  for (const target of [type, type.prototype]) {
    for (const key of Object.getOwnPropertyNames(target)) {
      if (['constructor', 'prototype', 'name', 'length'].includes(key)) continue
      const property = Object.getOwnPropertyDescriptor(target, key)
      if (property.configurable) Object.defineProperty(target, key, { ...property, enumerable: true })
    }
  }
  interfaces.set(type.prototype, name)
  Object.defineProperty(type, 'name', { value: name, configurable: true })
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true })
  Object.defineProperty(globalThis, name, { value: type, writable: true, configurable: true })
}

/** Makes functions global. Given as methods, they keep their names and make no objects. */
export function exposeFunctions(functions) {
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true })
  }
}
