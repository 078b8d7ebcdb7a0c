// Keys from outside, and back: raw, spki, pkcs8 and jwk.
import { host } from '../host.js'
import { toBase64URL } from '../base64.js'
import { makeKey, stateOf } from './key.js'
import {
  hashesOfKeys, invalid, keyFromWebKey, measuresOfRSA, publicFromRaw, rawOfPublic, secretFromWebKey, webKeyMembers,
} from './webkey.js'

export const curves = ['P-256', 'P-384', 'P-521']
const curvesOfNames = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }
const rawCount = { Ed25519: 32, 'P-256': 65, 'P-384': 97, 'P-521': 133 }

function unsupported(message) { return new DOMException(message, 'NotSupportedError') }

export function onlyUsages(given, allowed) {
  const wrong = given.find((usage) => !allowed.includes(usage))
  if (wrong !== undefined) throw new DOMException(`this key is not for ${wrong}`, 'SyntaxError')
}

/** The host's name for the kind of an asymmetric key. */
export function kindOf({ name, namedCurve }) {
  return name === 'ECDSA' ? namedCurve : name === 'Ed25519' ? 'Ed25519' : 'RSA'
}

/** What a JWK says of its own use has to allow what it is imported for. */
function checkWebKey(key, use, extractable, given) {
  if (given.length > 0 && key.use !== undefined && key.use !== use) throw invalid(`the JWK is for ${key.use}`)
  if (key.key_ops !== undefined) {
    const operations = [...key.key_ops]
    if (new Set(operations).size !== operations.length) throw invalid('the key_ops of the JWK repeat themselves')
    if (given.some((usage) => !operations.includes(usage))) throw invalid('the JWK is not for all of these uses')
  }
  if (key.ext === false && extractable) throw invalid('the JWK is not extractable')
}

function checkName(key, expected) {
  if (key.alg !== undefined && key.alg !== expected) throw invalid(`the JWK is for ${key.alg}, not for ${expected}`)
}

function importSecret(format, data, algorithm, extractable, given) {
  const isMAC = algorithm.name === 'HMAC'
  onlyUsages(given, isMAC ? ['sign', 'verify'] : ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'])
  if (format !== 'raw' && format !== 'jwk') throw unsupported(`${algorithm.name} keys are not imported as ${format}`)
  const bytes = format === 'raw' ? data : secretFromWebKey(data)
  if (!isMAC && ![16, 24, 32].includes(bytes.length)) throw invalid('an AES key has 128, 192 or 256 bits')
  if (format === 'jwk') {
    checkName(data, isMAC ? hashesOfKeys.HMAC[algorithm.hash.name] : `A${bytes.length * 8}GCM`)
    checkWebKey(data, isMAC ? 'sig' : 'enc', extractable, given)
  }
  let length = bytes.length * 8
  if (!isMAC) return makeKey('secret', { name: algorithm.name, length }, extractable, given, bytes)
  if (length === 0) throw invalid('an HMAC key is not empty')
  if (algorithm.length !== undefined) {
    if (algorithm.length > length || algorithm.length <= length - 8) throw invalid('the key has another length')
    length = algorithm.length
  }
  return makeKey('secret', { name: 'HMAC', length, hash: algorithm.hash }, extractable, given, bytes)
}

function importPair(format, data, algorithm, extractable, given) {
  if (algorithm.name === 'ECDSA' && !curves.includes(algorithm.namedCurve)) {
    throw unsupported(`the curve ${algorithm.namedCurve} is not supported`)
  }
  const kind = kindOf(algorithm)
  if (format === 'raw' && kind === 'RSA') throw unsupported('RSA keys are not imported as raw')
  const isPrivate = format === 'pkcs8' || (format === 'jwk' && data.d !== undefined)
  onlyUsages(given, isPrivate ? ['sign'] : ['verify'])
  let found = { isPrivate, bytes: data, raw: undefined }
  if (format === 'jwk') {
    found = keyFromWebKey(kind, data)
    checkWebKey(data, 'sig', extractable, given)
    if (kind === 'RSA') checkName(data, hashesOfKeys[algorithm.name][algorithm.hash.name])
    else if (kind === 'Ed25519') { if (data.alg !== 'Ed25519') checkName(data, 'EdDSA') }
    else if (data.alg !== undefined && curvesOfNames[data.alg] !== kind) throw invalid(`the JWK is for ${data.alg}`)
  } else if (format === 'raw') {
    if (kind === 'Ed25519' && data.length !== rawCount[kind]) throw invalid('an Ed25519 key has 32 bytes')
    found.bytes = publicFromRaw(kind, data)
  }
  const bytes = host.readKey(kind, isPrivate ? 'pkcs8' : 'spki', found.bytes)
  const half = bytes === undefined || !isPrivate ? bytes : host.readKey(kind, 'public', bytes)
  if (half === undefined) throw invalid(`this is no ${kind} key`)
  if (found.raw !== undefined && !host.equal(rawOfPublic(half), found.raw)) throw invalid('the halves of the key do not match')
  return makeKey(isPrivate ? 'private' : 'public', describe(algorithm, half), extractable, given, bytes)
}

/** The `algorithm` of a key, from how it was asked for and its public half. */
export function describe({ name, namedCurve, hash }, spki) {
  switch (name) {
    case 'Ed25519': return { name }
    case 'ECDSA': return { name, namedCurve }
    default: return { name, ...measuresOfRSA(spki), hash }
  }
}

export function importKey(format, data, algorithm, extractable, given) {
  const isSecret = algorithm.name === 'HMAC' || algorithm.name === 'AES-GCM'
  const key = (isSecret ? importSecret : importPair)(format, data, algorithm, extractable, given)
  if (key.type !== 'public' && given.length === 0) throw new DOMException('the key is for nothing', 'SyntaxError')
  return key
}

export function exportKey(format, key) {
  const { type, algorithm, extractable, usages, bytes } = stateOf(key)
  if (!extractable) throw new DOMException('the key is not extractable', 'InvalidAccessError')
  const { name } = algorithm
  if (type === 'secret') {
    if (format === 'raw') return bytes.slice().buffer
    if (format !== 'jwk') throw unsupported(`${name} keys are not exported as ${format}`)
    const alg = name === 'HMAC' ? hashesOfKeys.HMAC[algorithm.hash.name] : `A${algorithm.length}GCM`
    return { kty: 'oct', k: toBase64URL(bytes), alg, key_ops: [...usages], ext: true }
  }
  const kind = kindOf(algorithm)
  if (format === 'jwk') {
    const isPrivate = type === 'private'
    const members = webKeyMembers(kind, isPrivate ? host.readKey(kind, 'public', bytes) : bytes, isPrivate ? bytes : undefined)
    const alg = kind === 'RSA' ? { alg: hashesOfKeys[name][algorithm.hash.name] } : {}
    return { ...members, ...alg, key_ops: [...usages], ext: true }
  }
  if (format === 'raw' && kind === 'RSA') throw unsupported('RSA keys are not exported as raw')
  if (type !== (format === 'pkcs8' ? 'private' : 'public')) {
    throw new DOMException(`a ${type} key is not exported as ${format}`, 'InvalidAccessError')
  }
  return (format === 'raw' ? rawOfPublic(bytes) : bytes).slice().buffer
}
