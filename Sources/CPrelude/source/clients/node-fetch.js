// The module `node-fetch`: the platform's own fetch, with what node-fetch adds to a response.
import { Buffer } from '../node/buffer.js'

class FetchError extends Error {
  constructor(cause) {
    super(cause.message)
    Object.assign(this, { type: 'system', code: cause.code, errno: cause.code, cause })
  }
  get name() { return 'FetchError' }
}

async function fetch(input, init = {}) {
  let response
  try {
    response = await globalThis.fetch(input, init)
  } catch (error) {
    throw error?.name === 'AbortError' ? error : new FetchError(error)
  }
  response.buffer = async () => Buffer.from(await response.arrayBuffer())
  response.headers.raw = () => Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]]))
  return response
}

export default Object.assign(fetch, {
  default: fetch, FetchError, isRedirect: (status) => [301, 302, 303, 307, 308].includes(status),
  get Headers() { return globalThis.Headers }, get Request() { return globalThis.Request }, get Response() { return globalThis.Response },
})
