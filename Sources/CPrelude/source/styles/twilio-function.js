// `style: twilio-function`: exports.handler = (context, event, callback).
// https://www.twilio.com/docs/serverless/functions-assets/functions/invocation
import { client, Response as TwilioResponse } from '../clients/twilio.js'
import { MessagingResponse, VoiceResponse } from '../clients/twiml.js'
import { heard } from './callback.js'

export function twilioFunction(exports) {
  const handler = exports?.handler
  if (typeof handler !== 'function') throw new TypeError('a Twilio function is exports.handler = function (context, event, callback)')
  globalThis.Twilio = { Response: TwilioResponse, twiml: { MessagingResponse, VoiceResponse } }
  return async function (event, { env }) {
    const context = {
      ...env, getTwilioClient: client, PATH: `/${event.source}`, DOMAIN_NAME: event.headers.host ?? '', SERVICE_SID: '', ENVIRONMENT_SID: '',
    }
    const body = typeof event.body === 'object' && event.body !== null && !Array.isArray(event.body) ? event.body : {}
    const given = { ...event.query, ...body, request: { headers: { ...event.headers }, cookies: cookies(event.headers.cookie) } }
    const [value] = await heard((callback) => handler(context, given, callback))
    return answered(value)
  }
}

function cookies(text = '') {
  return Object.fromEntries(text.split(/;\s*/).filter(Boolean).map((pair) => {
    const at = pair.indexOf('=')
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  }))
}

/** TwiML is XML, a text is text, and everything else JSON; a response says for itself. */
function answered(value) {
  if (value instanceof TwilioResponse) {
    const { type, text } = content(value.body)
    const headers = new Headers(type ? { 'content-type': type } : {})
    for (const [name, one] of Object.entries(value.headers)) {
      headers.delete(name)
      for (const part of [one].flat()) headers.append(name, String(part))
    }
    for (const cookie of value.cookies) headers.append('set-cookie', cookie)
    return new Response([204, 205, 304].includes(value.statusCode) ? null : text, { status: value.statusCode, headers })
  }
  const { type, text } = content(value)
  return new Response(text, { headers: type ? { 'content-type': type } : {} })
}

function content(value) {
  if (value === undefined || value === null) return { text: null }
  if (value instanceof MessagingResponse || value instanceof VoiceResponse) return { type: 'text/xml', text: value.toString() }
  if (ArrayBuffer.isView(value)) return { type: 'application/octet-stream', text: value }
  if (typeof value === 'object') return { type: 'application/json', text: JSON.stringify(value) }
  return { type: 'text/plain', text: String(value) }
}
