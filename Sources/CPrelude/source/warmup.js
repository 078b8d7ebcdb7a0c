// A handler that uses what handlers use, run once in the zygote and twice in each new child: what it touches is
// compiled and in memory when the first real run comes.
import { state } from './state.js'
import { load, run, settle, tick } from './runtime.js'

const sample = {
  action: 'opened', issue: { number: 7, title: 'It <breaks> & "bends"', labels: [{ name: 'bug' }, { name: 'urgent' }],
    user: { login: 'ada' }, body: 'Steps:\n1. open\n2. look', created_at: '2026-01-05T09:00:00Z' },
  repository: { id: 1, full_name: 'acme/rocket' }, amounts: [1, 2.5, 3e3], none: null,
}

async function handler(event, { call, send, kv, log, env, run: about }) {
  const { issue, repository: { full_name: name }, ...rest } = event.body
  const text = issue.title.replace(/[<>&"]/g, (mark) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[mark])
  const labels = issue.labels.flatMap((label) => [label.name.toUpperCase()]).filter(Boolean).sort().join(', ')
  const date = new Date(issue.created_at)
  const known = new Map(Object.entries(rest))
  const blocks = [...known.keys()].map((key, index) => ({ type: 'section', text: `${index}. *${key}*: ${known.get(key)}` }))
  const url = new URL(`https://example.com/${encodeURIComponent(name)}?n=${issue.number}`)
  url.searchParams.set('labels', labels)
  await Promise.resolve(issue.number)
  const answer = await call.sample.read({ id: issue.number })
  log.info('warm', { name, year: date.getUTCFullYear(), iso: date.toISOString(), price: (1234.5).toLocaleString('en-US') })
  send.sample.write({ text: `${text} ${labels} ${url} ${JSON.stringify(blocks)} ${env.MODE} ${about.id} ${answer?.ok}` })
  const parsed = Number.parseFloat('12.5') + Math.round(Math.random()) + parseInt('7', 10)
  return new Response(`<Response>${parsed} ${structuredClone({ a: [1, new Date(0)] }).a.length}</Response>`, {
    headers: { 'content-type': 'text/xml' },
  })
}

/** Starts the sample handler, up to the call that it awaits. */
export function warmUp() {
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
