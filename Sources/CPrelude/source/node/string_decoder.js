// node:string_decoder: https://nodejs.org/api/string_decoder.html
import { Buffer } from './buffer.js'

/** How many bytes at the end are a character that is not whole yet. */
function openEnd(bytes, encoding) {
  if (encoding === 'utf16le') return bytes.length % 2
  if (encoding === 'base64') return bytes.length % 3
  if (encoding !== 'utf8') return 0
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

class StringDecoder {
  #rest = Buffer.alloc(0)
  constructor(encoding = 'utf8') {
    this.encoding = String(encoding).toLowerCase().replace('utf-8', 'utf8').replace(/^ucs-?2$/, 'utf16le')
  }
  write(bytes) {
    const all = Buffer.concat([this.#rest, typeof bytes === 'string' ? Buffer.from(bytes) : bytes])
    const end = all.length - openEnd(all, this.encoding)
    this.#rest = all.subarray(end)
    return all.toString(this.encoding, 0, end)
  }
  end(bytes) {
    const text = (bytes === undefined ? '' : this.write(bytes)) + this.#rest.toString(this.encoding)
    this.#rest = Buffer.alloc(0)
    return text
  }
}

export default { StringDecoder }
