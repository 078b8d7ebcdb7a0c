// Keys in PEM, as Node's crypto and tokens take them (RFC 7468), and signatures with them.
import { host } from '../host.js'
import { bitString, contents, integer, magnitude, octets, sequence } from '../crypto/der.js'
import { Buffer, bytesOf } from './buffer.js'

const kinds = ['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519']
const fieldSizes = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }
// rsaEncryption with its NULL (RFC 8017), and ecPublicKey (RFC 5480).
const rsaAlgorithm = sequence([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], [0x05, 0])
const curveAlgorithm = [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]
const zero = integer(new Uint8Array([0]))

/** What each label means, as a SubjectPublicKeyInfo or a PrivateKeyInfo. */
const readers = {
  'PUBLIC KEY': (der) => ({ form: 'spki', der }),
  'PRIVATE KEY': (der) => ({ form: 'pkcs8', der }),
  'RSA PUBLIC KEY': (der) => ({ form: 'spki', der: sequence(rsaAlgorithm, bitString(der)) }),
  'RSA PRIVATE KEY': (der) => ({ form: 'pkcs8', der: sequence(zero, rsaAlgorithm, octets(der)) }),
  'EC PRIVATE KEY': (der) => ({ form: 'pkcs8', der: sequence(zero, sequence(curveAlgorithm, contents(contents(der)[0])[2]), octets(der)) }),
  CERTIFICATE(der) {
    const body = contents(contents(der)[0])[0]
    // The version, tagged [0], is left out of the oldest certificates.
    return { form: 'spki', der: sequence(contents(body)[body[0] === 0xa0 ? 6 : 5]) }
  },
}

export const isPEM = (key) => (typeof key === 'string' || key instanceof Uint8Array) && Buffer.from(key).includes('-----BEGIN ')

/** The key of a PEM text: { kind, isPrivate, bytes }. Throws when it is none that is known here. */
export function readPEM(key) {
  const text = typeof key === 'string' ? key : Buffer.from(bytesOf(key)).toString()
  const match = /-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(text)
  const label = match?.[1]
  if (!Object.hasOwn(readers, label ?? '')) {
    throw new TypeError(`expected a key in PEM (${Object.keys(readers).join(', ')})${label ? `, not ${label}` : ''}`)
  }
  try {
    const { form, der } = readers[label](new Uint8Array(Buffer.from(match[2], 'base64')))
    for (const kind of kinds) {
      const bytes = host.readKey(kind, form, der)
      if (bytes !== undefined) return { kind, isPrivate: form === 'pkcs8', bytes }
    }
  } catch {
    // What stands in the PEM is no DER of a key: said below.
  }
  throw new TypeError(`the ${label} cannot be read, or is of a kind that is not supported`)
}

/** What the host calls the signature of a key of this kind. */
function scheme(kind, isPSS) {
  if (kind === 'Ed25519') return kind
  return kind === 'RSA' ? (isPSS ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5') : 'ECDSA'
}

/** The signature; of a curve both numbers one after the other, as tokens have it (RFC 7518). */
export function sign({ kind, isPrivate, bytes }, hash, data, { isPSS = false, saltLength = 0 } = {}) {
  if (!isPrivate) throw new TypeError('signing takes a private key')
  const signature = host.sign(scheme(kind, isPSS), hash, kind, saltLength, bytes, data)
  if (signature === undefined) throw new Error('the key cannot sign so')
  return signature
}

export function verify({ kind, isPrivate, bytes }, hash, data, signature, { isPSS = false, saltLength = 0 } = {}) {
  const half = isPrivate ? host.readKey(kind, 'public', bytes) : bytes
  return host.verify(scheme(kind, isPSS), hash, kind, saltLength, half, signature, data)
}

/** A curve's signature as DER, in which Node has it. */
export function toDER(signature) {
  const half = signature.length / 2
  return sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half)))
}

/** The two numbers one after the other of a signature in DER; empty when it is none. */
export function fromDER(kind, der) {
  const size = fieldSizes[kind]
  const result = new Uint8Array(2 * size)
  const numbers = der[0] === 0x30 ? contents(contents(der)[0]) : []
  if (numbers.length !== 2) return new Uint8Array(0)
  for (const [index, number] of numbers.map(magnitude).entries()) {
    if (number.length === 0 || number.length > size) return new Uint8Array(0)
    result.set(number, (index + 1) * size - number.length)
  }
  return result
}

/** The size of a hash, which is the salt's of tokens and Node's for verifying. */
export const hashSizes = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 }
