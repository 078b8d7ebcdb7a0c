// Deep equality as node:assert and node:util define it.

/** Whether two values have equal types and members, all the way down. */
export const isDeepStrictEqual = (left, right) => equal(left, right, true, [])

/** The same with `==` for primitives and without a look at prototypes. */
export const isDeepEqual = (left, right) => equal(left, right, false, [])

function equal(left, right, isStrict, above) {
  if (isStrict ? Object.is(left, right) : left == right || (left !== left && right !== right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (isStrict && Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false
  if (Object.prototype.toString.call(left) !== Object.prototype.toString.call(right)) return false
  if (above.some(([one, other]) => one === left && other === right)) return true
  const inner = [...above, [left, right]]
  const same = (one, other) => equal(one, other, isStrict, inner)
  if (left instanceof Date) return left.getTime() === right.getTime()
  if (left instanceof RegExp) return String(left) === String(right) && left.lastIndex === right.lastIndex
  if (left instanceof Error && (left.message !== right.message || left.name !== right.name)) return false
  if (typeof left.valueOf() !== 'object' && !Object.is(left.valueOf(), right.valueOf())) return false
  if (left instanceof Set) {
    return left.size === right.size && [...left].every((value) => right.has(value) || [...right].some((other) => same(value, other)))
  }
  if (left instanceof Map) {
    return left.size === right.size && [...left].every(([key, value]) => right.has(key)
      ? same(value, right.get(key))
      : [...right].some(([otherKey, other]) => same(key, otherKey) && same(value, other)))
  }
  if (left instanceof ArrayBuffer) return same(new Uint8Array(left), new Uint8Array(right))
  if (Array.isArray(left) && left.length !== right.length) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
}
