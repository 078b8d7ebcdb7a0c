// The algorithms of crypto.subtle: which operation knows which, and what each takes (Web Cryptography, "algorithm
// normalization").
import { bytesOf, required, wholeNumber } from '../convert.js'

const RSA = {
  generateKey: (given, name) => ({
    modulusLength: wholeNumber(required(given, 'modulusLength', name), 0xffffffff, 'modulusLength'),
    publicExponent: exponentOf(required(given, 'publicExponent', name)),
    hash: hashOf(required(given, 'hash', name)),
  }),
  importKey: (given, name) => ({ hash: hashOf(required(given, 'hash', name)) }),
}

const curve = (given, name) => ({ namedCurve: String(required(given, 'namedCurve', name)) })
const nothing = () => ({})

const parameters = (given, name) => ({
  iv: copyOf(required(given, 'iv', name)),
  additionalData: given.additionalData === undefined ? new Uint8Array(0) : copyOf(given.additionalData),
  tagLength: given.tagLength === undefined ? 128 : wholeNumber(given.tagLength, 255, 'tagLength'),
})

const known = {
  'RSASSA-PKCS1-v1_5': { ...RSA, sign: nothing, verify: nothing },
  'RSA-PSS': {
    ...RSA,
    sign: (given, name) => ({ saltLength: wholeNumber(required(given, 'saltLength', name), 0xffffffff, 'saltLength') }),
    get verify() { return this.sign },
  },
  ECDSA: {
    generateKey: curve, importKey: curve,
    sign: (given, name) => ({ hash: hashOf(required(given, 'hash', name)) }),
    get verify() { return this.sign },
  },
  Ed25519: { generateKey: nothing, importKey: nothing, sign: nothing, verify: nothing },
  HMAC: {
    generateKey: (given, name) => ({
      hash: hashOf(required(given, 'hash', name)),
      length: given.length === undefined ? undefined : wholeNumber(given.length, 0xffffffff, 'length'),
    }),
    get importKey() { return this.generateKey },
    sign: nothing, verify: nothing,
  },
  'AES-GCM': {
    generateKey: (given, name) => ({ length: wholeNumber(required(given, 'length', name), 65535, 'length') }),
    importKey: nothing, encrypt: parameters, decrypt: parameters,
  },
  'SHA-1': { digest: nothing }, 'SHA-256': { digest: nothing }, 'SHA-384': { digest: nothing },
  'SHA-512': { digest: nothing },
}

const names = new Map(Object.keys(known).map((name) => [name.toUpperCase(), name]))

/** The algorithm that `given` names for `operation`, with its parameters read. */
export function normalize(operation, given) {
  const isObject = (typeof given === 'object' && given !== null) || typeof given === 'function'
  const said = isObject ? required(given, 'name', 'an algorithm') : given
  const name = names.get(String(said).toUpperCase())
  const read = name === undefined ? undefined : known[name][operation]
  if (read === undefined) throw new DOMException(`${String(said)} is not supported here`, 'NotSupportedError')
  return { name, ...read(isObject ? given : {}, name) }
}

function hashOf(given) {
  return { name: normalize('digest', given).name }
}

function copyOf(source) {
  return bytesOf(source).slice()
}

function exponentOf(value) {
  if (!(value instanceof Uint8Array)) throw new TypeError('publicExponent is no Uint8Array')
  return value.slice()
}
