// The module `jsonwebtoken`: tokens of RFC 7515 and RFC 7519, signed with the algorithms of RFC 7518.
import { host } from '../host.js'
import { Buffer, bytesOf } from '../node/buffer.js'
import { hashSizes, isPEM, readPEM, sign as signWith, verify as verifyWith } from '../node/keys.js'

class JsonWebTokenError extends Error {
  constructor(message, inner) {
    super(message)
    if (inner) this.inner = inner
  }
  get name() { return 'JsonWebTokenError' }
}
class TokenExpiredError extends JsonWebTokenError {
  constructor(message, expiredAt) {
    super(message)
    this.expiredAt = expiredAt
  }
  get name() { return 'TokenExpiredError' }
}
class NotBeforeError extends JsonWebTokenError {
  constructor(message, date) {
    super(message)
    this.date = date
  }
  get name() { return 'NotBeforeError' }
}

const hashes = { 256: 'SHA-256', 384: 'SHA-384', 512: 'SHA-512' }
const curves = { 256: 'P-256', 384: 'P-384', 512: 'P-521' }
const families = ['HS', 'RS', 'PS', 'ES']

/** How an algorithm signs: its family and its hash. Throws for one that is not there, `none` among them. */
function algorithmOf(name) {
  const [, family, size] = /^([HRPE]S)(256|384|512)$/.exec(name) ?? []
  if (family) return { name, family, size, hash: hashes[size] }
  if (name === 'none') throw new JsonWebTokenError('jwt signature is required')
  throw new JsonWebTokenError(`the algorithm ${name} is not supported; there are ${families.map((one) => `${one}256, ${one}384, ${one}512`).join(', ')}`)
}

/**
 * The key for an algorithm. A shared secret signs with HS alone and a key in PEM never does: else whoever knows the
 * public key could sign with it as if it were the secret.
 */
function keyFor({ name, family, size }, given) {
  const pem = typeof given?.parsed === 'object' ? given.parsed : isPEM(given?.key ?? given) ? readPEM(given?.key ?? given) : undefined
  if (family === 'HS') {
    if (pem) throw new JsonWebTokenError(`secretOrPublicKey must be a symmetric key when using ${name}`)
    return typeof given?.export === 'function' ? given.export() : bytesOf(given)
  }
  if (!pem) throw new JsonWebTokenError(`secretOrPublicKey must be an asymmetric key when using ${name}`)
  if (pem.kind !== (family === 'ES' ? curves[size] : 'RSA')) throw new JsonWebTokenError(`the key is not for ${name}`)
  return pem
}

const saltOf = ({ family, hash }) => (family === 'PS' ? { isPSS: true, saltLength: hashSizes[hash] } : {})

const units = { ms: 0.001, s: 1, sec: 1, secs: 1, second: 1, m: 60, min: 60, mins: 60, minute: 60, h: 3600, hr: 3600, hrs: 3600, hour: 3600, d: 86400, day: 86400, w: 604800, week: 604800, y: 31557600, yr: 31557600, year: 31557600 }

/** The time that `7d`, `2 hours` or a number of seconds means, counted from another. */
function timespan(value, from) {
  if (typeof value === 'number') return from + value
  const match = /^(-?\d*\.?\d+)\s*([a-z]*)$/i.exec(String(value))
  // A text without a unit counts milliseconds.
  const unit = match && (match[2] === '' ? 0.001 : units[match[2].toLowerCase()] ?? units[match[2].toLowerCase().replace(/s$/, '')])
  if (!unit) throw new JsonWebTokenError('"expiresIn" and "notBefore" take a number of seconds or a timespan such as "2 days"')
  return Math.floor(from + Number(match[1]) * unit)
}

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

function signature(algorithm, key, content) {
  const bytes = bytesOf(content)
  return Buffer.from(algorithm.family === 'HS' ? host.hmac(algorithm.hash, key, bytes) : signWith(key, algorithm.hash, bytes, saltOf(algorithm)))
}

function isSigned(algorithm, key, content, given) {
  if (algorithm.family !== 'HS') return verifyWith(key, algorithm.hash, bytesOf(content), given, saltOf(algorithm))
  const expected = signature(algorithm, key, content)
  return given.length === expected.length && host.equal(expected, given)
}

/** Gives the value or throws; with a callback, hands over either. */
function deliver(callback, make) {
  if (typeof callback !== 'function') return make()
  queueMicrotask(() => {
    let value
    try {
      value = make()
    } catch (error) {
      return callback(error)
    }
    callback(null, value)
  })
  return undefined
}

function sign(payload, secret, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options]
  return deliver(callback, () => {
    const { algorithm: name = 'HS256', header, keyid, noTimestamp, expiresIn, notBefore, audience, issuer, subject, jwtid } = options ?? {}
    if (!secret) throw new JsonWebTokenError('secretOrPrivateKey must have a value')
    const algorithm = algorithmOf(name)
    const key = keyFor(algorithm, secret)
    let claims = payload
    if (typeof payload === 'object' && !Buffer.isBuffer(payload)) {
      const now = payload.iat ?? Math.floor(Date.now() / 1000)
      claims = { ...payload, ...(!noTimestamp && { iat: now }) }
      if (expiresIn !== undefined) claims.exp = timespan(expiresIn, now)
      if (notBefore !== undefined) claims.nbf = timespan(notBefore, now)
      for (const [name, value] of Object.entries({ aud: audience, iss: issuer, sub: subject, jti: jwtid })) {
        if (value === undefined) continue
        if (payload[name] !== undefined) throw new JsonWebTokenError(`the payload already has "${name}"`)
        claims[name] = value
      }
    }
    const content = `${part({ alg: name, typ: 'JWT', ...(keyid && { kid: keyid }), ...header })}.${part(claims)}`
    return `${content}.${signature(algorithm, key, content).toString('base64url')}`
  })
}

function decode(token, { complete = false } = {}) {
  const parts = String(token).split('.')
  if (parts.length !== 3) return null
  try {
    const header = JSON.parse(Buffer.from(parts[0], 'base64url').toString())
    const text = Buffer.from(parts[1], 'base64url').toString()
    let payload = text
    try {
      payload = JSON.parse(text)
    } catch {
      // A payload may be any text.
    }
    return complete ? { header, payload, signature: parts[2] } : payload
  } catch {
    return null
  }
}

const fits = (allowed, value) => [allowed].flat().some((one) => (one instanceof RegExp ? one.test(value) : one === value))

function check(decoded, options) {
  const { payload } = decoded
  const now = options.clockTimestamp ?? Math.floor(Date.now() / 1000)
  const tolerance = options.clockTolerance ?? 0
  if (payload.nbf !== undefined && !options.ignoreNotBefore) {
    if (typeof payload.nbf !== 'number') throw new JsonWebTokenError('invalid nbf value')
    if (payload.nbf > now + tolerance) throw new NotBeforeError('jwt not active', new Date(payload.nbf * 1000))
  }
  if (payload.exp !== undefined && !options.ignoreExpiration) {
    if (typeof payload.exp !== 'number') throw new JsonWebTokenError('invalid exp value')
    if (now >= payload.exp + tolerance) throw new TokenExpiredError('jwt expired', new Date(payload.exp * 1000))
  }
  const claim = (holds, name, wanted) => {
    if (!holds) throw new JsonWebTokenError(`jwt ${name} invalid. expected: ${[wanted].flat().join(' or ')}`)
  }
  if (options.audience) claim([payload.aud].flat().some((one) => fits(options.audience, one)), 'audience', options.audience)
  if (options.issuer) claim(fits(options.issuer, payload.iss), 'issuer', options.issuer)
  if (options.subject) claim(payload.sub === options.subject, 'subject', options.subject)
  if (options.jwtid) claim(payload.jti === options.jwtid, 'jwtid', options.jwtid)
  if (options.nonce) claim(payload.nonce === options.nonce, 'nonce', options.nonce)
  if (options.maxAge !== undefined) {
    if (typeof payload.iat !== 'number') throw new JsonWebTokenError('iat required when maxAge is specified')
    const end = timespan(options.maxAge, payload.iat)
    if (now >= end + tolerance) throw new TokenExpiredError('maxAge exceeded', new Date(end * 1000))
  }
}

function verified(token, secret, options) {
  if (typeof token !== 'string' || token === '') throw new JsonWebTokenError('jwt must be provided')
  const decoded = decode(token, { complete: true })
  if (!decoded) throw new JsonWebTokenError(token.split('.').length === 3 ? 'invalid token' : 'jwt malformed')
  const { alg } = decoded.header
  if (!secret) throw new JsonWebTokenError('secret or public key must be provided')
  if (options.algorithms && !options.algorithms.includes(alg)) throw new JsonWebTokenError('invalid algorithm')
  const algorithm = algorithmOf(alg)
  const key = keyFor(algorithm, secret)
  const given = Buffer.from(decoded.signature, 'base64url')
  if (!isSigned(algorithm, key, token.slice(0, token.lastIndexOf('.')), given)) throw new JsonWebTokenError('invalid signature')
  check(decoded, options)
  return options.complete ? decoded : decoded.payload
}

function verify(token, secret, options, callback) {
  if (typeof options === 'function') [options, callback] = [{}, options]
  if (typeof secret !== 'function') return deliver(callback, () => verified(token, secret, options ?? {}))
  if (typeof callback !== 'function') throw new JsonWebTokenError('verify must be called asynchronous if secret or public key is provided as a callback')
  const decoded = decode(token, { complete: true })
  if (!decoded) return deliver(callback, () => { throw new JsonWebTokenError('jwt malformed') })
  secret(decoded.header, (error, key) => deliver(callback, () => {
    if (error) throw new JsonWebTokenError(`error in secret or public key callback: ${error.message}`)
    return verified(token, key, options ?? {})
  }))
  return undefined
}

export default { sign, verify, decode, JsonWebTokenError, TokenExpiredError, NotBeforeError }
