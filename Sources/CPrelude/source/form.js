// FormData (XMLHttpRequest, §5), and its two forms in bodies.
import { host } from './host.js'
import { exposeInterface, scalarText } from './convert.js'
import { exposePairs } from './iterators.js'
import { bytesOfBlob } from './blob.js'
import { decodeUTF8, joined, textOf } from './encoding.js'

let entriesOf

function entry(name, value, filename, isNamed) {
  if (!(value instanceof Blob)) {
    if (isNamed) throw new TypeError('only a Blob has a file name')
    return [scalarText(name), scalarText(value)]
  }
  if (value instanceof File && !isNamed) return [scalarText(name), value]
  const options = { type: value.type, ...(value instanceof File ? { lastModified: value.lastModified } : {}) }
  return [scalarText(name), new File([value], isNamed ? scalarText(filename) : 'blob', options)]
}

class FormData {
  #entries = []
  constructor(form) {
    if (form !== undefined) throw new TypeError('there are no forms here')
  }
  append(name, value, filename) {
    if (arguments.length < 2) throw new TypeError('append takes a name and a value')
    this.#entries.push(entry(name, value, filename, arguments.length > 2))
  }
  set(name, value, filename) {
    if (arguments.length < 2) throw new TypeError('set takes a name and a value')
    const made = entry(name, value, filename, arguments.length > 2)
    const index = this.#entries.findIndex(([key]) => key === made[0])
    if (index < 0) this.#entries.push(made)
    else this.#entries = this.#entries.flatMap((old, at) => (at === index ? [made] : old[0] === made[0] ? [] : [old]))
  }
  get(name) { return this.#entries.find(([key]) => key === scalarText(name))?.[1] ?? null }
  getAll(name) { return this.#entries.filter(([key]) => key === scalarText(name)).map(([, value]) => value) }
  has(name) { return this.#entries.some(([key]) => key === scalarText(name)) }
  delete(name) { this.#entries = this.#entries.filter(([key]) => key !== scalarText(name)) }
  static { entriesOf = (form) => form.#entries }
}
exposePairs(FormData, 'FormData', (form) => entriesOf(form))
exposeInterface('FormData', FormData)

const lines = (text) => text.replace(/\r\n|\r|\n/g, '\r\n')
const quoted = (text) => text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')

/** A form as multipart/form-data: `{ bytes, type }`. */
export function writeMultipart(form) {
  const boundary = `----grapnel${Array.from(host.random(16), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  const parts = []
  for (const [name, value] of entriesOf(form)) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(lines(name))}"`
    if (typeof value === 'string') parts.push(host.encode(`${head}\r\n\r\n${lines(value)}\r\n`))
    else {
      const type = value.type || 'application/octet-stream'
      parts.push(host.encode(`${head}; filename="${quoted(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`),
        bytesOfBlob(value), host.encode('\r\n'))
    }
  }
  parts.push(host.encode(`--${boundary}--\r\n`))
  return { bytes: joined(...parts), type: `multipart/form-data; boundary=${boundary}` }
}

/** The form of a body whose content type is `type`; throws TypeError when it is none. */
export function readForm(bytes, type) {
  const essence = type.split(';', 1)[0].trim().toLowerCase()
  const form = new FormData()
  if (essence === 'application/x-www-form-urlencoded') {
    for (const [name, value] of new URLSearchParams(`?${decodeUTF8(bytes)}`)) form.append(name, value)
    return form
  }
  const boundary = /;\s*boundary=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(type)
  if (essence !== 'multipart/form-data' || !boundary) throw new TypeError(`a body of type ${JSON.stringify(type)} is no form`)
  for (const { head, body } of partsOf(bytes, boundary[1]?.replace(/\\(.)/g, '$1') ?? boundary[2])) {
    const disposition = head.get('content-disposition') ?? ''
    const name = parameter(disposition, 'name')
    if (!/^form-data\s*;/i.test(disposition) || name === undefined) throw new TypeError('a part of the form has no name')
    const filename = parameter(disposition, 'filename')
    if (filename === undefined) form.append(name, textOf(body))
    else form.append(name, new File([body], filename, { type: head.get('content-type') ?? 'text/plain' }))
  }
  return form
}

function parameter(text, name) {
  const found = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(text) ?? new RegExp(`;\\s*${name}=([^;"\\s]+)`, 'i').exec(text)
  return found?.[1].replace(/%0A/gi, '\n').replace(/%0D/gi, '\r').replace(/%22/g, '"')
}

function malformed() { return new TypeError('the body is not a whole multipart form') }

function* partsOf(bytes, boundary) {
  const delimiter = host.encode(`--${boundary}`)
  const separator = host.encode(`\r\n--${boundary}`)
  let offset = find(bytes, delimiter, 0)
  if (offset < 0) throw malformed()
  offset += delimiter.length
  for (;;) {
    if (bytes[offset] === 0x2d && bytes[offset + 1] === 0x2d) return
    if (bytes[offset] !== 13 || bytes[offset + 1] !== 10) throw malformed()
    const headEnd = find(bytes, [13, 10, 13, 10], offset)
    const end = headEnd < 0 ? -1 : find(bytes, separator, headEnd + 2)
    if (end < 0) throw malformed()
    const head = new Map()
    for (const line of textOf(bytes.subarray(offset + 2, headEnd)).split('\r\n')) {
      const colon = line.indexOf(':')
      if (colon < 1) throw malformed()
      head.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    }
    yield { head, body: bytes.subarray(headEnd + 4, Math.max(end, headEnd + 4)) }
    offset = end + separator.length
  }
}

function find(bytes, wanted, from) {
  for (let start = bytes.indexOf(wanted[0], from); start >= 0; start = bytes.indexOf(wanted[0], start + 1)) {
    let count = 1
    while (count < wanted.length && bytes[start + count] === wanted[count]) count++
    if (count === wanted.length) return start
  }
  return -1
}
