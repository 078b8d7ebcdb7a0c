// A conversation of four questions, one for each message, kept in the store under the sender's number.
const sizes = ['small', 'medium', 'large']
const escape = (text) => text.replace(/[<>&"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
const day = '24h'

const twiml = (text) => new Response(
  `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${escape(text)}</Message></Response>`,
  { headers: { 'content-type': 'text/xml' } })

/** The next state of an order and what to say: pure, so that it can be read and tested by itself. */
function answer(order, text) {
  const word = text.trim().toLowerCase()
  if (word === 'reset' || !order.step) {
    return [{ step: 'size' }, `Hello! Which size: ${sizes.join(', ')}?`]
  }
  switch (order.step) {
    case 'size':
      if (!sizes.includes(word)) return [order, `Please say ${sizes.join(', ')}.`]
      return [{ ...order, step: 'topping', size: word }, 'Which topping?']
    case 'topping':
      return [{ ...order, step: 'address', topping: text.trim() }, 'Where shall we bring it?']
    case 'address':
      return [
        { ...order, step: 'confirm', address: text.trim() },
        `A ${order.size} pizza with ${order.topping} to ${text.trim()}. Reply YES to order, or RESET.`,
      ]
    default:
      if (word !== 'yes') return [order, 'Reply YES to order, or RESET.']
      return [{}, `Thank you! Your ${order.size} pizza is on its way.`]
  }
}

export default async function (event, { kv, log }) {
  const { From: from, Body: text = '' } = event.body
  const key = `order:${from}`
  const { value: order = {}, version } = await kv.getEntry(key)
  const [next, reply] = answer(order, text)
  // Two messages at once: the second finds another version, and its run is done again on what the first one left.
  await kv.set(key, next, { ttl: day, ifVersion: version })
  log.info('answered', { step: next.step ?? 'done' })
  return twiml(reply)
}
