// crypto.subtle. Every operation is done when its promise is made: the bytes that were given cannot change meanwhile.
import { host } from '../host.js'
import { bytesOf, exposeInterface, isBufferSource } from '../convert.js'
import { normalize } from './algorithms.js'
import { curves, describe, exportKey, importKey, kindOf, onlyUsages } from './importing.js'
import { makeKey, stateOf, usages as everyUsage } from './key.js'

const formats = ['raw', 'spki', 'pkcs8', 'jwk']
const blockBits = { 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 }
const tagLengths = [32, 64, 96, 104, 112, 120, 128]

function failed(message) { return new DOMException(message, 'OperationError') }

function formatOf(given) {
  const format = `${given}`
  if (!formats.includes(format)) throw new TypeError(`there is no key format ${format}`)
  return format
}

function usagesOf(given) {
  const list = Array.from(given, (usage) => `${usage}`)
  const wrong = list.find((usage) => !everyUsage.includes(usage))
  if (wrong !== undefined) throw new TypeError(`there is no key usage ${wrong}`)
  return list
}

/** What stands behind a key that may be used for `usage` with `algorithm`. */
function permitted(key, algorithm, usage, type) {
  const state = stateOf(key)
  const refuse = (message) => { throw new DOMException(message, 'InvalidAccessError') }
  if (state.algorithm.name !== algorithm.name) refuse(`the key is for ${state.algorithm.name}`)
  if (!state.usages.includes(usage)) refuse(`the key is not for ${usage}`)
  if (state.type !== 'secret' && state.type !== type) refuse(`${usage} takes a ${type} key`)
  return state
}

/** The first four arguments of the host's `sign` and `verify`. */
function scheme(algorithm, key) {
  const hash = (algorithm.hash ?? key.algorithm.hash)?.name ?? ''
  return [algorithm.name, hash, kindOf(key.algorithm), Math.min(algorithm.saltLength ?? 0, 0x7fffffff)]
}

function generateSecret(algorithm, extractable, given) {
  const { name, hash } = algorithm
  onlyUsages(given, name === 'HMAC' ? ['sign', 'verify'] : ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'])
  const length = name === 'HMAC' ? algorithm.length ?? blockBits[hash.name] : algorithm.length
  if (name === 'HMAC' ? length === 0 || length > 524288 : ![128, 192, 256].includes(length)) {
    throw failed(`there is no ${name} key of ${length} bits`)
  }
  const description = name === 'HMAC' ? { name, length, hash } : { name, length }
  const key = makeKey('secret', description, extractable, given, host.random(Math.ceil(length / 8)))
  if (given.length === 0) throw new DOMException('the key is for nothing', 'SyntaxError')
  return key
}

function isExponent(bytes) {
  return (bytes.at(-1) & 1) === 1 && (bytes.at(-1) > 1 || bytes.some((byte, index) => byte > 0 && index < bytes.length - 1))
}

function generatePair(algorithm, extractable, given) {
  onlyUsages(given, ['sign', 'verify'])
  if (algorithm.name === 'ECDSA' && !curves.includes(algorithm.namedCurve)) {
    throw new DOMException(`the curve ${algorithm.namedCurve} is not supported`, 'NotSupportedError')
  }
  const kind = kindOf(algorithm)
  if (kind === 'RSA' && !isExponent(algorithm.publicExponent)) throw failed('a public exponent is odd and not 1')
  if (!given.includes('sign')) throw new DOMException('the private key is for nothing', 'SyntaxError')
  const bytes = host.generateKey(kind, algorithm.modulusLength ?? 0, algorithm.publicExponent ?? new Uint8Array(0))
  if (bytes === undefined) throw failed(`there is no such ${algorithm.name} key`)
  const half = host.readKey(kind, 'public', bytes)
  const description = describe(algorithm, half)
  return {
    publicKey: makeKey('public', description, true, given.filter((usage) => usage === 'verify'), half),
    privateKey: makeKey('private', description, extractable, given.filter((usage) => usage === 'sign'), bytes),
  }
}

function cipher(operation, algorithm, state, data) {
  const { iv, additionalData, tagLength } = algorithm
  if (!tagLengths.includes(tagLength)) throw failed(`there is no tag of ${tagLength} bits`)
  const result = host[operation](state.bytes, iv, additionalData, tagLength / 8, data)
  if (result === undefined) throw failed(operation === 'open' ? 'the bytes are not what was encrypted' : 'it cannot be encrypted')
  return result.buffer
}

class SubtleCrypto {
  constructor() { throw new TypeError('Illegal constructor') }

  async digest(algorithm, data) {
    const { name } = normalize('digest', algorithm)
    return host.digest(name, bytesOf(data)).buffer
  }

  async sign(algorithm, key, data) {
    const asked = normalize('sign', algorithm)
    const bytes = bytesOf(data)
    const state = permitted(key, asked, 'sign', 'private')
    const signature = asked.name === 'HMAC'
      ? host.hmac(state.algorithm.hash.name, state.bytes, bytes)
      : host.sign(...scheme(asked, state), state.bytes, bytes)
    if (signature === undefined) throw failed('the key cannot sign so')
    return signature.buffer
  }

  async verify(algorithm, key, signature, data) {
    const asked = normalize('verify', algorithm)
    const [given, bytes] = [bytesOf(signature), bytesOf(data)]
    const state = permitted(key, asked, 'verify', 'public')
    if (asked.name === 'HMAC') return host.equal(host.hmac(state.algorithm.hash.name, state.bytes, bytes), given)
    return host.verify(...scheme(asked, state), state.bytes, given, bytes)
  }

  async encrypt(algorithm, key, data) {
    const asked = normalize('encrypt', algorithm)
    return cipher('seal', asked, permitted(key, asked, 'encrypt'), bytesOf(data))
  }

  async decrypt(algorithm, key, data) {
    const asked = normalize('decrypt', algorithm)
    return cipher('open', asked, permitted(key, asked, 'decrypt'), bytesOf(data))
  }

  async generateKey(algorithm, extractable, keyUsages) {
    const given = usagesOf(keyUsages)
    const asked = normalize('generateKey', algorithm)
    const isSecret = asked.name === 'HMAC' || asked.name === 'AES-GCM'
    return (isSecret ? generateSecret : generatePair)(asked, Boolean(extractable), given)
  }

  async importKey(format, keyData, algorithm, extractable, keyUsages) {
    const form = formatOf(format)
    const given = usagesOf(keyUsages)
    const asked = normalize('importKey', algorithm)
    if (typeof keyData !== 'object' || keyData === null || isBufferSource(keyData) === (form === 'jwk')) {
      throw new TypeError(form === 'jwk' ? 'a JWK is an object' : `${form} takes bytes`)
    }
    const data = form === 'jwk' ? { ...keyData } : bytesOf(keyData).slice()
    return importKey(form, data, asked, Boolean(extractable), given)
  }

  async exportKey(format, key) {
    return exportKey(formatOf(format), key)
  }

  async wrapKey(format, key, wrappingKey, algorithm) {
    const form = formatOf(format)
    const asked = normalize('encrypt', algorithm)
    const state = permitted(wrappingKey, asked, 'wrapKey')
    const exported = exportKey(form, key)
    const bytes = form === 'jwk' ? host.encode(JSON.stringify(exported)) : new Uint8Array(exported)
    return cipher('seal', asked, state, bytes)
  }

  async unwrapKey(format, wrappedKey, unwrappingKey, algorithm, keyAlgorithm, extractable, keyUsages) {
    const form = formatOf(format)
    const given = usagesOf(keyUsages)
    const asked = normalize('decrypt', algorithm)
    const keyAsked = normalize('importKey', keyAlgorithm)
    const bytes = new Uint8Array(cipher('open', asked, permitted(unwrappingKey, asked, 'unwrapKey'), bytesOf(wrappedKey)))
    let data = bytes
    if (form === 'jwk') {
      try {
        data = host.parse(bytes)
      } catch {
        throw new DOMException('what was wrapped is no JWK', 'DataError')
      }
    }
    return importKey(form, data, keyAsked, Boolean(extractable), given)
  }

  async deriveKey(algorithm) { normalize('deriveBits', algorithm) }
  async deriveBits(algorithm) { normalize('deriveBits', algorithm) }
}
exposeInterface('SubtleCrypto', SubtleCrypto)

export const subtle = Object.create(SubtleCrypto.prototype)
