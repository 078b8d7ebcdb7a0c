// crypto.subtle.
import { host } from './host.js'
import { bytesOf } from './encoding.js'

function unsupported(message) { return new DOMException(message, 'NotSupportedError') }

/** The canonical name of a hash, given as a string or as `{ name }`. */
function hashName(given) {
  const name = String(typeof given === 'object' && given !== null ? given.name : given).toUpperCase()
  if (!['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].includes(name)) throw unsupported(`there is no hash ${name}`)
  return name
}

export const subtle = Object.freeze({
  async digest(algorithm, data) {
    return host.digest(hashName(algorithm), bytesOf(data)).buffer
  },
})
