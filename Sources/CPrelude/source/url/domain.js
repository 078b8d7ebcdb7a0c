// Domains beyond ASCII: mapped as UTS #46 does as far as Unicode's normal forms go, and written in Punycode (RFC 3492).
const ignored = /[\u00ad\u034f\u180b-\u180d\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]/g
const refused = /[\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\ufffd\u2024-\u2026\u2ff0-\u2fff\u200e\u200f\u202a-\u202e\u2061-\u2063\u2066-\u2069]/u

/** The domain in ASCII; undefined when it is none. */
export function domainToASCII(domain) {
  const isPlain = isASCII(domain)
  const lower = isPlain ? domain.toLowerCase() : ''
  if (isPlain && !lower.includes('xn--')) return lower
  const mapped = isPlain ? lower
    : domain.replace(ignored, '').replace(/\u1e9e/g, 'ss').normalize('NFKC').toLowerCase().normalize('NFKC').replace(/[\u3002\uff61]/g, '.')
  const labels = []
  for (const label of mapped.split('.')) {
    const written = labelToASCII(label)
    if (written === undefined) return undefined
    labels.push(written)
  }
  return labels.join('.')
}

function isASCII(text) {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false
  return true
}

function labelToASCII(label) {
  if (isASCII(label)) {
    if (!label.startsWith('xn--')) return label
    const decoded = decode(label.slice(4))
    if (decoded === undefined || isASCII(decoded) || !isValid(decoded)) return undefined
    return `xn--${encode(decoded)}` === label ? label : undefined
  }
  return isValid(label) ? `xn--${encode(label)}` : undefined
}

function isValid(label) {
  return label.normalize('NFC') === label && !refused.test(label) && !/^\p{M}/u.test(label)
    && label.normalize('NFKC').toLowerCase() === label
}

const [base, least, most, skew, damp, firstBias, firstPoint] = [36, 1, 26, 38, 700, 72, 128]

function adapt(delta, count, isFirst) {
  let [rest, k] = [Math.floor(delta / (isFirst ? damp : 2)), 0]
  rest += Math.floor(rest / count)
  for (; rest > ((base - least) * most) / 2; k += base) rest = Math.floor(rest / (base - least))
  return k + Math.floor(((base - least + 1) * rest) / (rest + skew))
}

const threshold = (k, bias) => Math.min(Math.max(k - bias, least), most)
const digit = (value) => String.fromCharCode(value < 26 ? value + 97 : value + 22)

function encode(label) {
  const points = Array.from(label, (character) => character.codePointAt(0))
  let output = points.filter((point) => point < 128).map((point) => String.fromCharCode(point)).join('')
  const plain = output.length
  if (plain > 0) output += '-'
  let [next, delta, bias] = [firstPoint, 0, firstBias]
  for (let handled = plain; handled < points.length; delta++, next++) {
    const least = Math.min(...points.filter((point) => point >= next))
    delta += (least - next) * (handled + 1)
    next = least
    for (const point of points) {
      if (point < next) delta++
      if (point !== next) continue
      let rest = delta
      for (let k = base; ; k += base) {
        const limit = threshold(k, bias)
        if (rest < limit) break
        output += digit(limit + ((rest - limit) % (base - limit)))
        rest = Math.floor((rest - limit) / (base - limit))
      }
      output += digit(rest)
      bias = adapt(delta, handled + 1, handled === plain)
      delta = 0
      handled++
    }
  }
  return output
}

function decode(text) {
  const dash = text.lastIndexOf('-')
  const points = Array.from(text.slice(0, Math.max(dash, 0)), (character) => character.charCodeAt(0))
  let [next, index, bias] = [firstPoint, 0, firstBias]
  for (let at = dash < 0 ? 0 : dash + 1; at < text.length;) {
    const before = index
    for (let [k, weight] = [base, 1]; ; k += base) {
      const code = text.charCodeAt(at++)
      const value = code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : NaN
      if (Number.isNaN(value)) return undefined
      index += value * weight
      if (index > 0x7fffffff) return undefined
      const limit = threshold(k, bias)
      if (value < limit) break
      weight *= base - limit
    }
    const count = points.length + 1
    bias = adapt(index - before, count, before === 0)
    next += Math.floor(index / count)
    index %= count
    if (next > 0x10ffff || (next >= 0xd800 && next <= 0xdfff)) return undefined
    points.splice(index++, 0, next)
  }
  return points.map((point) => String.fromCodePoint(point)).join('')
}
