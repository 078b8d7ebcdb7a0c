import { Kind } from './host.js'
import { ask } from './operations.js'
import { whenAborted } from './abort.js'
import { takeBody, wholeBody } from './body.js'
import { exposeFunctions } from './convert.js'
import { receivedResponse } from './http.js'

exposeFunctions({
  async fetch(input, init) {
    const request = new Request(input, init)
    const { signal } = request
    signal.throwIfAborted()
    // The hub follows redirects by itself. Better to say so than to follow one that was not to be followed.
    if (request.redirect !== 'follow') throw new TypeError(`redirect: ${request.redirect} is not supported: the hub follows redirects`)
    const aborted = new Promise((_, reject) => whenAborted(signal, reject))
    const bytes = wholeBody(request) ?? await Promise.race([takeBody(request), aborted])
    const head = { method: request.method, url: request.url, headers: [...request.headers] }
    const { document, bytes: received } = await Promise.race([ask(Kind.fetch, head, bytes), aborted])
    return receivedResponse(document, request.url, received)
  },
})
