// node:assert: https://nodejs.org/api/assert.html
import { inspect } from './inspect.js'
import { isDeepEqual, isDeepStrictEqual } from './equality.js'

class AssertionError extends Error {
  constructor({ message, actual, expected, operator } = {}) {
    super(message ?? `${inspect(actual)} ${operator} ${inspect(expected)}`)
    Object.assign(this, { actual, expected, operator, generatedMessage: message === undefined, code: 'ERR_ASSERTION' })
  }
  get name() { return 'AssertionError' }
}

function check(holds, message, actual, expected, operator) {
  if (holds) return
  if (message instanceof Error) throw message
  throw new AssertionError({ message, actual, expected, operator })
}

const assert = function (value, message) { assert.ok(value, message) }

/** Whether what was thrown is what was expected: a class, a pattern, a function that says so, or members. */
function isExpected(error, expected) {
  if (expected === undefined || typeof expected === 'string') return true
  if (expected instanceof RegExp) return expected.test(String(error))
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true
    return !Object.prototype.isPrototypeOf.call(Error, expected) && expected !== Error && expected.call({}, error) === true
  }
  return Object.keys(expected).every((key) => expected[key] instanceof RegExp && typeof error[key] === 'string'
    ? expected[key].test(error[key]) : isDeepStrictEqual(error[key], expected[key]))
}

function judge(thrown, expected, message) {
  check(thrown !== undefined, typeof expected === 'string' ? expected : message ?? 'Missing expected exception.', undefined, expected, 'throws')
  check(isExpected(thrown.error, expected), message, thrown.error, expected, 'throws')
}

async function rejection(source) {
  try {
    await (typeof source === 'function' ? source() : source)
    return undefined
  } catch (error) {
    return { error }
  }
}

Object.assign(assert, {
  AssertionError,
  ok: (value, message) => check(value, message ?? `The expression evaluated to a falsy value: ${inspect(value)}`, value, true, '=='),
  equal: (actual, expected, message) => check(actual == expected || (actual !== actual && expected !== expected), message, actual, expected, '=='),
  notEqual: (actual, expected, message) => check(actual != expected, message, actual, expected, '!='),
  strictEqual: (actual, expected, message) => check(Object.is(actual, expected), message, actual, expected, '==='),
  notStrictEqual: (actual, expected, message) => check(!Object.is(actual, expected), message, actual, expected, '!=='),
  deepEqual: (actual, expected, message) => check(isDeepEqual(actual, expected), message, actual, expected, 'deepEqual'),
  notDeepEqual: (actual, expected, message) => check(!isDeepEqual(actual, expected), message, actual, expected, 'notDeepEqual'),
  deepStrictEqual: (actual, expected, message) =>
    check(isDeepStrictEqual(actual, expected), message, actual, expected, 'deepStrictEqual'),
  notDeepStrictEqual: (actual, expected, message) =>
    check(!isDeepStrictEqual(actual, expected), message, actual, expected, 'notDeepStrictEqual'),
  match: (text, pattern, message) => check(pattern.test(text), message, text, pattern, 'match'),
  doesNotMatch: (text, pattern, message) => check(!pattern.test(text), message, text, pattern, 'doesNotMatch'),
  fail(message = 'Failed') { check(false, message, undefined, undefined, 'fail') },
  ifError(value) { if (value !== null && value !== undefined) throw value instanceof Error ? value : new AssertionError({ message: `ifError got unwanted exception: ${inspect(value)}`, actual: value, operator: 'ifError' }) },
  throws(body, expected, message) {
    let thrown
    try {
      body()
    } catch (error) {
      thrown = { error }
    }
    judge(thrown, expected, message)
  },
  doesNotThrow(body) { body() },
  async rejects(source, expected, message) { judge(await rejection(source), expected, message) },
  async doesNotReject(source) {
    const thrown = await rejection(source)
    if (thrown) throw thrown.error
  },
})

export const strict = Object.assign((value, message) => assert.ok(value, message), assert, {
  equal: assert.strictEqual, notEqual: assert.notStrictEqual, deepEqual: assert.deepStrictEqual, notDeepEqual: assert.notDeepStrictEqual,
})
strict.strict = assert.strict = strict

export default assert
