// The module `twilio`, and the global `Twilio` of its functions: answers, TwiML, and messages through a connection.
import { makeContext } from '../context.js'
import { state } from '../state.js'
import { MessagingResponse, VoiceResponse } from './twiml.js'

/** An answer with a status, headers and a body. Each setter gives the response, so that calls can be chained. */
export class Response {
  constructor() {
    Object.assign(this, { statusCode: 200, headers: {}, cookies: [], body: undefined })
  }
  setStatusCode(code) { this.statusCode = code; return this }
  setBody(body) { this.body = body; return this }
  appendHeader(name, value) {
    const earlier = this.headers[name]
    this.headers[name] = earlier === undefined ? value : [earlier, value].flat()
    return this
  }
  setHeaders(headers) { this.headers = { ...headers }; return this }
  setCookie(name, value, attributes = []) { this.cookies.push([`${name}=${value}`, ...attributes].join('; ')); return this }
  removeCookie(name) { return this.setCookie(name, '', ['Max-Age=0']) }
}

const fields = {
  to: 'to', from: 'from', body: 'body', messagingServiceSid: 'messaging_service_sid', contentSid: 'content_sid',
  contentVariables: 'content_variables', statusCallback: 'status_callback', validityPeriod: 'validity_period',
}

/**
 * The client of the REST API, for what the recipe's connections can do: `messages.create` is the operation sendMessage
 * of the first connection under `uses:` that has it. The credentials given here are not used; the hub adds its own.
 */
export function client() {
  return {
    messages: {
      create(options, callback) {
        const sent = create(options)
        if (callback) sent.then((message) => callback(null, message), callback)
        return sent
      },
    },
  }
}

async function create(options) {
  const connection = Object.keys(state.connections).find((name) => state.connections[name].includes('sendMessage'))
  if (!connection) throw new Error('messages.create needs a connection with the operation sendMessage under uses: in recipe.yaml')
  const input = {}
  for (const [name, value] of Object.entries(options)) {
    if (name === 'mediaUrl') input.media_url = [value].flat()[0]
    else if (Object.hasOwn(fields, name)) input[fields[name]] = value
    else throw new TypeError(`messages.create: the option ${name} is not supported`)
  }
  return { ...input, ...(await makeContext({}).call[connection].sendMessage(input)) }
}

const twilio = Object.assign(() => client(), { Response, twiml: { MessagingResponse, VoiceResponse }, Twilio: client })
twilio.default = twilio

export default twilio
