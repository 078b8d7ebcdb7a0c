// What the zygote does before the first fork, so that its children find it done. What nearly every handler needs is a
// sample run, made by the host (SampleRun.swift), in the zygote and in each child.
import { state } from './state.js'
import { settle, tick } from './runtime.js'

/** What some do, and what costs most the first time. Nothing waits for it: it is over when the host's call ends. */
async function touchTheRest() {
  const marks = '<&>"'.replace(/[<>&"]/g, (mark) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[mark])
  const date = new Date('2026-01-05T09:00:00Z')
  const known = new Map(Object.entries({ a: 1, b: [2] }))
  const url = new URL(`https://example.com/${encodeURIComponent(marks)}?n=${known.size}`)
  url.searchParams.set('at', date.toISOString())
  const price = (1234.5).toLocaleString('en-US') + date.toLocaleString('en-US') + 'b'.localeCompare('a')
  const numbers = Number.parseFloat('12.5') + Math.round(Math.random()) + parseInt('7', 10)
  structuredClone({ a: [1, new Date(0)] })
  const response = new Response(`${url} ${price} ${numbers} ${[...'cab'].sort()}`, { headers: { 'content-type': 'text/xml' } })
  let size = 0
  for await (const chunk of response.body) size += chunk.length
  const form = new FormData()
  form.append('name', String(size))
  form.append('file', new File(['text'], 'a.txt', { type: 'text/plain' }))
  const controller = new AbortController()
  controller.signal.addEventListener('abort', () => {})
  const request = new Request(url, { method: 'POST', body: form, signal: controller.signal })
  controller.abort()
  const bytes = await request.clone().bytes()
  new TextDecoder().decode(bytes, { stream: true })
  for (const [, value] of await request.formData()) if (typeof value !== 'string') await value.text()
  await touchCryptography(new TextEncoder().encode(atob(btoa('abc'))))
}

async function touchCryptography(bytes) {
  const { subtle } = crypto
  const secret = await subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  await subtle.verify('HMAC', secret, await subtle.sign('HMAC', secret, bytes), bytes)
  await subtle.digest('SHA-256', crypto.getRandomValues(new Uint8Array(16)))
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const way = { name: 'ECDSA', hash: 'SHA-256' }
  const { algorithm } = pair.publicKey
  const moved = await subtle.importKey('jwk', await subtle.exportKey('jwk', pair.publicKey), algorithm, true, ['verify'])
  await subtle.verify(way, moved, await subtle.sign(way, pair.privateKey, bytes), bytes)
}

/** Touches, in the zygote, what is too large for every child. */
export function warmUp() { touchTheRest() }

/** Answers the call that the sample handler awaits, so that it ends. */
export function finishWarmUp() {
  settle(state.nextOperation - 1, 1, '{"ok":true}')
  tick()
}
