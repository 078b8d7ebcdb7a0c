// node:querystring: https://nodejs.org/api/querystring.html

const escape = (text) => encodeURIComponent(String(text).toWellFormed()).replace(/%(?:21|27|28|29|2A)/g, (code) => decodeURIComponent(code))

/** What is not percent-encoded UTF-8 stays as it is. */
function unescape(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) => new TextDecoder().decode(
      Uint8Array.from(codes.slice(1).split('%'), (code) => Number.parseInt(code, 16))))
  }
}

function parse(text, separator = '&', equals = '=', { maxKeys = 1000, decodeURIComponent: decode = unescape } = {}) {
  const result = Object.create(null)
  if (typeof text !== 'string' || text === '') return result
  const pairs = text.split(separator)
  for (const pair of maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs) {
    if (pair === '') continue
    const at = pair.indexOf(equals)
    const [name, value] = [at < 0 ? pair : pair.slice(0, at), at < 0 ? '' : pair.slice(at + equals.length)]
      .map((part) => decode(part.replace(/\+/g, ' ')))
    if (!(name in result)) result[name] = value
    else if (Array.isArray(result[name])) result[name].push(value)
    else result[name] = [result[name], value]
  }
  return result
}

const primitive = (value) => (['string', 'bigint', 'boolean'].includes(typeof value) || Number.isFinite(value) ? String(value) : '')

function stringify(object, separator = '&', equals = '=', { encodeURIComponent: encode = escape } = {}) {
  if (typeof object !== 'object' || object === null) return ''
  return Object.entries(object).flatMap(([name, value]) => (Array.isArray(value) ? value : [value])
    .map((one) => encode(name) + equals + encode(primitive(one)))).join(separator)
}

export default { parse, decode: parse, stringify, encode: stringify, escape, unescape }
