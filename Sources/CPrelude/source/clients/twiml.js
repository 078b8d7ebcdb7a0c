// TwiML as `twilio.twiml` builds it: https://www.twilio.com/docs/voice/twiml

// Verb → its element, and what may stand in it.
const speech = ['say', 'play', 'pause']
const verbs = {
  say: 'Say', play: 'Play', pause: 'Pause', gather: 'Gather', record: 'Record', dial: 'Dial', number: 'Number',
  client: 'Client', conference: 'Conference', queue: 'Queue', sip: 'Sip', sim: 'Sim', redirect: 'Redirect', reject: 'Reject',
  hangup: 'Hangup', enqueue: 'Enqueue', leave: 'Leave', task: 'Task', sms: 'Sms', echo: 'Echo', prompt: 'Prompt', refer: 'Refer',
  referSip: 'ReferSip', pay: 'Pay', start: 'Start', stop: 'Stop', connect: 'Connect', stream: 'Stream', siprec: 'Siprec',
  room: 'Room', parameter: 'Parameter', identity: 'Identity', message: 'Message', body: 'Body', media: 'Media',
  break_: 'break', emphasis: 'emphasis', lang: 'lang', p: 'p', phoneme: 'phoneme', prosody: 'prosody', s: 's', sayAs: 'say-as',
  sub: 'sub', w: 'w',
}
const nested = {
  Gather: speech, Prompt: speech, Pay: ['prompt', 'parameter'], Enqueue: ['task'], Refer: ['sip', 'referSip'],
  Dial: ['number', 'client', 'conference', 'queue', 'sip', 'sim'], Client: ['identity', 'parameter'],
  Start: ['stream', 'siprec'], Stop: ['stream', 'siprec'], Connect: ['room', 'stream', 'conference'], Stream: ['parameter'],
  Siprec: ['parameter'], Message: ['body', 'media'],
  Say: ['break_', 'emphasis', 'lang', 'p', 'phoneme', 'prosody', 's', 'sayAs', 'sub', 'w'],
}
const messaging = ['message', 'redirect']
const voice = [
  ...speech, 'gather', 'record', 'dial', 'redirect', 'reject', 'hangup', 'enqueue', 'leave', 'sms', 'echo', 'prompt', 'refer', 'pay',
  'start', 'stop', 'connect',
]

const marks = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text, pattern) => String(text).replace(pattern, (mark) => marks[mark])

class Element {
  #name
  #attributes
  #children = []
  constructor(name, attributes, text, allowed) {
    this.#name = name
    this.#attributes = attributes
    if (text !== undefined) this.addText(text)
    for (const verb of allowed) this[verb] = (first, second) => this.#add(verbs[verb], first, second)
  }
  addText(text) { this.#children.push(escaped(text, /[&<>]/g)) }
  /** An element of any name, for what is not listed here. */
  addChild(name, attributes = {}) { return this.#add(name, attributes) }
  /** (attributes, text), (text), (attributes), and the older (text, attributes). */
  #add(name, first = {}, second = undefined) {
    const isText = typeof first !== 'object'
    const attributes = isText ? second ?? {} : first ?? {}
    const child = new Element(name, attributes, isText ? first : second, nested[name] ?? [])
    this.#children.push(child)
    return child
  }
  get #text() {
    const attributes = Object.entries(this.#attributes).filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => ` ${name === 'xmlLang' ? 'xml:lang' : name}="${escaped(Array.isArray(value) ? value.join(' ') : value, /[&<>"]/g)}"`)
    const open = `<${this.#name}${attributes.join('')}`
    if (this.#children.length === 0) return `${open}/>`
    return `${open}>${this.#children.map((child) => (typeof child === 'string' ? child : child.#text)).join('')}</${this.#name}>`
  }
  /** The XML; of a response with its declaration. */
  toString() { return (this.#name === 'Response' ? '<?xml version="1.0" encoding="UTF-8"?>' : '') + this.#text }
}

export class MessagingResponse extends Element {
  constructor() { super('Response', {}, undefined, messaging) }
}

export class VoiceResponse extends Element {
  constructor() { super('Response', {}, undefined, voice) }
}
