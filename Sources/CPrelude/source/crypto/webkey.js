// JSON Web Keys (RFC 7517, 7518, 8037) from and to the forms in which keys are kept.
import { fromBase64URL, toBase64URL } from '../base64.js'
import { bitString, contents, integer, magnitude, octets, sequence } from './der.js'

const version = [2, 1, 0]
const identifiers = {
  RSA: [sequence([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], [5, 0])],
  Ed25519: [sequence([0x06, 3, 0x2b, 0x65, 0x70])],
  'P-256': [sequence([0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])],
  'P-384': [sequence([0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], [0x06, 5, 0x2b, 0x81, 4, 0, 34])],
  'P-521': [sequence([0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], [0x06, 5, 0x2b, 0x81, 4, 0, 35])],
}
const sizes = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

export const hashesOfKeys = {
  'RSASSA-PKCS1-v1_5': { 'SHA-1': 'RS1', 'SHA-256': 'RS256', 'SHA-384': 'RS384', 'SHA-512': 'RS512' },
  'RSA-PSS': { 'SHA-1': 'PS1', 'SHA-256': 'PS256', 'SHA-384': 'PS384', 'SHA-512': 'PS512' },
  HMAC: { 'SHA-1': 'HS1', 'SHA-256': 'HS256', 'SHA-384': 'HS384', 'SHA-512': 'HS512' },
}

function invalid(message) { return new DOMException(message, 'DataError') }

function bytesOfMember(key, member) {
  if (typeof key[member] !== 'string') throw invalid(`the JWK has no ${member}`)
  const bytes = fromBase64URL(key[member])
  if (bytes === undefined) throw invalid(`the member ${member} of the JWK is not base64url`)
  return bytes
}

function ofSize(bytes, size, member) {
  if (bytes.length !== size) throw invalid(`the member ${member} of the JWK has another length than its curve`)
  return bytes
}

/** A raw public key as a SubjectPublicKeyInfo. */
export function publicFromRaw(kind, bytes) {
  return sequence(...identifiers[kind], bitString(bytes))
}

/** The raw public key of a SubjectPublicKeyInfo. */
export function rawOfPublic(spki) {
  return contents(contents(spki)[0])[1].subarray(1)
}

/** How many bits an RSA key has, and its public exponent. */
export function measuresOfRSA(spki) {
  const [n, e] = contents(contents(rawOfPublic(spki))[0]).map(magnitude)
  return { modulusLength: n.length * 8 - Math.clz32(n[0]) + 24, publicExponent: e.slice() }
}

/** The symmetric key of a JWK. */
export function secretFromWebKey(key) {
  if (key.kty !== 'oct') throw invalid('the JWK has another kty than oct')
  return bytesOfMember(key, 'k')
}

/** What a JWK says of an asymmetric key: `{ isPrivate, bytes, raw }`, its DER and its public half as far as it says. */
export function keyFromWebKey(kind, key) {
  const isPrivate = key.d !== undefined
  if (kind === 'RSA') {
    if (key.kty !== 'RSA') throw invalid('the JWK has another kty than RSA')
    const [n, e] = ['n', 'e'].map((member) => bytesOfMember(key, member))
    const raw = sequence(integer(n), integer(e))
    if (!isPrivate) return { isPrivate, bytes: publicFromRaw(kind, raw), raw }
    if (key.oth !== undefined) throw new DOMException('a key of more than two primes is not supported', 'NotSupportedError')
    const rest = ['d', 'p', 'q', 'dp', 'dq', 'qi'].map((member) => integer(bytesOfMember(key, member)))
    const inner = sequence(version, integer(n), integer(e), ...rest)
    return { isPrivate, bytes: sequence(version, ...identifiers.RSA, octets(inner)), raw }
  }
  const [kty, size] = kind === 'Ed25519' ? ['OKP', 32] : ['EC', sizes[kind]]
  if (key.kty !== kty) throw invalid(`the JWK has another kty than ${kty}`)
  if (key.crv !== kind) throw invalid(`the JWK has another crv than ${kind}`)
  const x = ofSize(bytesOfMember(key, 'x'), size, 'x')
  const raw = kind === 'Ed25519' ? x : Uint8Array.of(4, ...x, ...ofSize(bytesOfMember(key, 'y'), size, 'y'))
  if (!isPrivate) return { isPrivate, bytes: publicFromRaw(kind, raw), raw }
  const d = ofSize(bytesOfMember(key, 'd'), size, 'd')
  // The public half is left out: the host works it out, and it must be what the JWK says.
  const inner = kind === 'Ed25519' ? octets(d) : sequence([2, 1, 1], octets(d))
  return { isPrivate, bytes: sequence(version, ...identifiers[kind], octets(inner)), raw }
}

/** The members of a JWK that hold a key's numbers. `spki` is the public half, `pkcs8` the private key if it is one. */
export function webKeyMembers(kind, spki, pkcs8) {
  const raw = rawOfPublic(spki)
  const members = {}
  const add = (names, parts) => names.forEach((name, index) => { members[name] = toBase64URL(parts[index]) })
  if (kind === 'RSA') {
    members.kty = 'RSA'
    if (pkcs8 === undefined) add(['n', 'e'], contents(contents(raw)[0]).map(magnitude))
    else {
      const [, ...parts] = contents(contents(contents(contents(pkcs8)[0])[2])[0])
      add(['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'], parts.map(magnitude))
    }
    return members
  }
  members.kty = kind === 'Ed25519' ? 'OKP' : 'EC'
  members.crv = kind
  const size = sizes[kind]
  if (kind === 'Ed25519') add(['x'], [raw])
  else add(['x', 'y'], [raw.subarray(1, 1 + size), raw.subarray(1 + size)])
  if (pkcs8 !== undefined) {
    const inner = contents(contents(pkcs8)[0])[2]
    add(['d'], [kind === 'Ed25519' ? contents(inner)[0] : contents(contents(inner)[0])[1]])
  }
  return members
}

export { invalid, toBase64URL }
