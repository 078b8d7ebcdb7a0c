// node:crypto, as far as glue code signs, hashes and draws numbers. https://nodejs.org/api/crypto.html
import { host } from '../host.js'
import { Buffer, bytesOf } from './buffer.js'
import { fromDER, hashSizes, readPEM, sign, toDER, verify } from './keys.js'

const names = new Map(['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].map((name) => [name.replace('-', '').toLowerCase(), name]))

/** The host's name of an algorithm that Node spells `sha256`, `SHA-256` or `RSA-SHA256`. */
export function digestName(name) {
  const known = names.get(String(name).toLowerCase().replace(/^rsa-/, '').replace('-', ''))
  if (known === undefined) throw new Error(`Digest method not supported: ${name}; there are ${[...names.keys()].join(', ')}`)
  return known
}

class Digesting {
  #parts = []
  #isDone = false
  update(data, encoding) {
    if (this.#isDone) throw new Error('Digest already called')
    this.#parts.push(bytesOf(data, encoding).slice())
    return this
  }
  digest(encoding) {
    if (this.#isDone) throw new Error('Digest already called')
    this.#isDone = true
    const result = Buffer.from(this.compute(Buffer.concat(this.#parts)))
    this.#parts = []
    return encoding && encoding !== 'buffer' ? result.toString(encoding) : result
  }
  /** What was given until now, for a copy. */
  get given() { return Buffer.concat(this.#parts) }
}

class Hash extends Digesting {
  #name
  constructor(name) {
    super()
    this.#name = digestName(name)
  }
  compute(bytes) { return host.digest(this.#name, bytes) }
  copy() { return new Hash(this.#name).update(this.given) }
}

class Hmac extends Digesting {
  #name
  #key
  constructor(name, key) {
    super()
    this.#name = digestName(name)
    this.#key = bytesOf(key instanceof SecretKey ? key.export() : key).slice()
  }
  compute(bytes) { return host.hmac(this.#name, this.#key, bytes) }
}

class SecretKey {
  #bytes
  type = 'secret'
  constructor(key, encoding) { this.#bytes = Buffer.from(bytesOf(key, encoding)) }
  get symmetricKeySize() { return this.#bytes.length }
  export({ format } = {}) {
    return format === 'jwk' ? { kty: 'oct', k: this.#bytes.toString('base64url') } : Buffer.from(this.#bytes)
  }
}

const constants = { RSA_PKCS1_PADDING: 1, RSA_PKCS1_PSS_PADDING: 6 }

/** A key in PEM, alone or in an object with how to sign. */
function signing(given, hash) {
  const options = given?.key === undefined ? { key: given } : given
  const key = options.key instanceof PEMKey ? options.key.parsed : readPEM(options.key)
  const isPSS = options.padding === constants.RSA_PKCS1_PSS_PADDING
  const saltLength = options.saltLength >= 0 ? options.saltLength : hashSizes[hash]
  const isDER = !['RSA', 'Ed25519'].includes(key.kind) && options.dsaEncoding !== 'ieee-p1363'
  return { key, isDER, how: { isPSS, saltLength: isPSS ? saltLength : 0 } }
}

/** What is signed, or of what a signature is checked: `createSign` and `createVerify`. */
class Signing {
  #hash
  #parts = []
  constructor(name) { this.#hash = name === null || name === undefined ? '' : digestName(name) }
  update(data, encoding) { this.#parts.push(bytesOf(data, encoding).slice()); return this }
  write(data, encoding) { this.update(data, encoding); return true }
  end() { return this }
  sign(given, encoding) {
    const { key, isDER, how } = signing(given, this.#hash)
    const signature = sign(key, this.#hash, Buffer.concat(this.#parts), how)
    const result = Buffer.from(isDER ? toDER(signature) : signature)
    return encoding && encoding !== 'buffer' ? result.toString(encoding) : result
  }
  verify(given, signature, encoding) {
    const { key, isDER, how } = signing(given, this.#hash)
    const bytes = bytesOf(signature, encoding)
    return verify(key, this.#hash, Buffer.concat(this.#parts), isDER ? fromDER(key.kind, bytes) : bytes, how)
  }
}

/** What `createPublicKey` and `createPrivateKey` give. */
class PEMKey {
  #parsed
  constructor(given, type) {
    this.#parsed = readPEM(given?.key ?? given)
    if (type === 'private' && !this.#parsed.isPrivate) throw new TypeError('this is no private key')
    this.type = type
  }
  get parsed() { return this.#parsed }
  get asymmetricKeyType() { return { RSA: 'rsa', Ed25519: 'ed25519' }[this.#parsed.kind] ?? 'ec' }
}

/** Random bytes of any number; the host gives 64 KiB at a time. */
function random(count) {
  if (!Number.isInteger(count) || count < 0 || count > 2 ** 31 - 1) throw new RangeError(`the size ${count} is out of range`)
  const bytes = Buffer.alloc(count)
  for (let index = 0; index < count; index += 65536) bytes.set(host.random(Math.min(65536, count - index)), index)
  return bytes
}

/** Gives the value, or hands it to a callback when there is one. */
function deliver(callback, make) {
  if (callback === undefined) return make()
  queueMicrotask(() => callback(null, make()))
  return undefined
}

/** A whole number from `least` up to `end`, each as likely as the other. */
function uniform(least, end) {
  const span = end - least
  if (!Number.isSafeInteger(least) || !Number.isSafeInteger(end) || span <= 0 || span > 2 ** 48 - 1) {
    throw new RangeError(`randomInt takes two safe integers, the second greater: ${least}, ${end}`)
  }
  const limit = 2 ** 48 - (2 ** 48 % span)
  for (;;) {
    const drawn = random(6).readUIntBE(0, 6)
    if (drawn < limit) return least + (drawn % span)
  }
}

function randomFillSync(target, offset = 0, size = target.byteLength - offset) {
  const bytes = target instanceof ArrayBuffer ? new Uint8Array(target) : bytesOf(target)
  bytes.set(random(size), offset)
  return target
}

export default {
  createHash: (name) => new Hash(name),
  createHmac: (name, key) => new Hmac(name, key),
  hash: (name, data, encoding = 'hex') => new Hash(name).update(data).digest(encoding),
  createSecretKey: (key, encoding) => new SecretKey(key, encoding),
  Hash, Hmac, getHashes: () => [...names.keys()],
  timingSafeEqual(left, right) {
    const [one, other] = [bytesOf(left), bytesOf(right)]
    if (typeof left === 'string' || typeof right === 'string') throw new TypeError('timingSafeEqual compares Buffers')
    if (one.length !== other.length) throw new RangeError('Input buffers must have the same byte length')
    return host.equal(one, other)
  },
  randomBytes: (count, callback) => deliver(callback, () => random(count)),
  pseudoRandomBytes: (count, callback) => deliver(callback, () => random(count)),
  randomUUID: () => globalThis.crypto.randomUUID(),
  randomInt(least, end, callback) {
    const [from, to, heard] = end === undefined || typeof end === 'function' ? [0, least, end] : [least, end, callback]
    return deliver(heard, () => uniform(from, to))
  },
  randomFillSync,
  randomFill(target, ...rest) {
    const callback = rest.pop()
    deliver(callback, () => randomFillSync(target, ...rest))
  },
  getRandomValues: (array) => globalThis.crypto.getRandomValues(array),
  get webcrypto() { return globalThis.crypto },
  get subtle() { return globalThis.crypto.subtle },
  createSign: (name) => new Signing(name),
  createVerify: (name) => new Signing(name),
  sign: (name, data, key) => new Signing(name).update(data).sign(key),
  verify: (name, data, key, signature) => new Signing(name).update(data).verify(key, signature),
  createPublicKey: (key) => new PEMKey(key, 'public'),
  createPrivateKey: (key) => new PEMKey(key, 'private'),
  constants,
}
