// A handler that uses what handlers use, run in the zygote and in each new child: what it touches is compiled and in
// memory when the first real run comes. What a child touches is a child's own memory, so there it is only what nearly
// every handler needs.
import { state } from './state.js'
import { load, run, settle, tick } from './runtime.js'

const sample = {
  action: 'opened', issue: { number: 7, title: 'It <breaks> & "bends"', labels: [{ name: 'bug' }, { name: 'urgent' }],
    user: { login: 'ada' }, body: 'Steps:\n1. open\n2. look', created_at: '2026-01-05T09:00:00Z' },
  repository: { id: 1, full_name: 'acme/rocket' }, amounts: [1, 2.5, 3e3], none: null,
}

/** What nearly every handler does. */
async function handler(event, { call, send, log, env, run: about }) {
  const { issue, repository: { full_name: name }, ...rest } = event.body
  const labels = issue.labels.map((label) => label.name).filter(Boolean).join(', ')
  const text = `#${issue.number} ${issue.title.slice(0, 80)} ${labels}`
  const lines = Object.entries(rest).map(([key, value], index) => `${index}. *${key}*: ${value}`)
  const answer = await call.sample.read({ id: issue.number })
  log.info('warm', { name })
  send.sample.write({ text: `${text} ${lines.join('\n')} ${env.MODE} ${about.id} ${answer?.ok}` })
  return { told: issue.number }
}

/** What some do, and what costs most the first time. Nothing waits for it: it is over when the host's call ends. */
async function touchTheRest() {
  const marks = '<&>"'.replace(/[<>&"]/g, (mark) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[mark])
  const date = new Date('2026-01-05T09:00:00Z')
  const known = new Map(Object.entries(sample))
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

/** Starts the sample handler, up to the call that it awaits; in the zygote also what is too large for every child. */
export function warmUp(isZygote) {
  if (isZygote) touchTheRest()
  load(() => ({ default: handler }), JSON.stringify({ environment: { MODE: 'warm' }, connections: { sample: ['read', 'write'] } }))
  const raw = new TextEncoder().encode(JSON.stringify(sample))
  run(JSON.stringify({
    bodyKind: 'json', event: { id: 'evt_0', type: 'issues.opened', source: 'github', receivedAt: '', headers: {}, query: {} },
    run: { id: 'run_0', attempt: 1 },
  }), undefined, raw)
}

/** Answers that call, so that the handler ends. */
export function finishWarmUp() {
  settle(state.nextOperation - 1, 1, '{"ok":true}')
  tick()
}
