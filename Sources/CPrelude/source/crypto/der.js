// The few forms of DER (X.690) in which keys stand.

/** An element: its tag, the length of its parts, and they. */
export function element(tag, ...parts) {
  const count = parts.reduce((sum, part) => sum + part.length, 0)
  const length = []
  if (count < 128) length.push(count)
  else {
    for (let rest = count; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
    length.unshift(0x80 | length.length)
  }
  const bytes = new Uint8Array(1 + length.length + count)
  bytes[0] = tag
  bytes.set(length, 1)
  let offset = 1 + length.length
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

export const sequence = (...parts) => element(0x30, ...parts)
export const octets = (...parts) => element(0x04, ...parts)
export const bitString = (...parts) => element(0x03, [0], ...parts)

/** A whole number that is not negative, from its bytes. */
export function integer(bytes) {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  return digits[0] & 0x80 ? element(0x02, [0], digits) : element(0x02, digits)
}

/** The contents of the elements in `bytes`, which the host has checked. */
export function contents(bytes) {
  const found = []
  for (let offset = 0; offset < bytes.length;) {
    let length = bytes[offset + 1]
    let start = offset + 2
    if (length & 0x80) {
      const end = start + (length & 0x7f)
      length = 0
      for (; start < end; start++) length = length * 256 + bytes[start]
    }
    found.push(bytes.subarray(start, start + length))
    offset = start + length
  }
  return found
}

/** The bytes of a whole number without the zeros before it. */
export function magnitude(bytes) {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  return bytes.subarray(start)
}
