import { Kind } from './host.js'
import { ask } from './operations.js'
import { rawBytes } from './http.js'

globalThis.fetch = async function fetch(input, init = {}) {
  const request = new Request(input, init)
  request.signal?.throwIfAborted()
  const asked = ask(Kind.fetch, {
    method: request.method, url: request.url, headers: [...request.headers],
  }, rawBytes(request) ?? new Uint8Array(0))
  const aborted = new Promise((_, reject) => {
    request.signal?.addEventListener('abort', () => reject(request.signal.reason))
  })
  const { document, bytes } = await (request.signal ? Promise.race([asked, aborted]) : asked)
  const hasBody = ![204, 205, 304].includes(document.status)
  const response = new Response(hasBody ? bytes : null, { status: document.status, headers: document.headers })
  response.url = request.url
  return response
}
