import { exposeInterface } from '../convert.js'

/** Every use of a key, in the order in which they are listed. */
export const usages = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey']

const creation = Symbol('creation')
let read

class CryptoKey {
  #state
  constructor(given, state) {
    if (given !== creation) throw new TypeError('Illegal constructor')
    this.#state = state
  }
  get type() { return this.#state.type }
  get extractable() { return this.#state.extractable }
  get algorithm() { return this.#state.algorithm }
  get usages() { return this.#state.usages }
  static {
    read = (key) => {
      if (!(#state in Object(key))) throw new TypeError('expected a CryptoKey')
      return key.#state
    }
  }
}
exposeInterface('CryptoKey', CryptoKey)

/** A key of `type` secret, public or private; `bytes` is itself, a SubjectPublicKeyInfo or a PrivateKeyInfo. */
export function makeKey(type, algorithm, extractable, allowed, bytes) {
  return new CryptoKey(creation, {
    type, algorithm, extractable, usages: usages.filter((usage) => allowed.includes(usage)), bytes,
  })
}

export const cloneKey = (key) => new CryptoKey(creation, read(key))

/** What stands behind a key: `{ type, algorithm, extractable, usages, bytes }`. */
export { read as stateOf }
