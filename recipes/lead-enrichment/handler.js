export default async function (event, { call, send, log, env }) {
  const id = String(event.body.objectId)
  const contact = await call.crm.getContact({ id })
  const { email, amount } = contact.properties
  if (!email) throw new Discard(`the contact ${id} has no e-mail to look up`)

  const found = await call.enrichment.get({ url: `/v1/people?email=${encodeURIComponent(email)}` })
  const { company, title } = found.body ?? {}
  const properties = Object.fromEntries(Object.entries({ company, jobtitle: title }).filter(([, value]) => value))
  if (Object.keys(properties).length > 0) await call.crm.updateContact({ id, properties })
  log.info('enriched', { id, properties })

  if (Number(amount) > Number(env.BIG)) {
    send.slack.postMessage({ channel: env.CHANNEL, text: `A big lead: ${email}${company ? `, ${company}` : ''}: $${amount}` })
  }
}
