// What URL and URLSearchParams have gained since their polyfill was made.
function made(url, base) {
  try {
    return base === undefined ? new URL(url) : new URL(url, base)
  } catch {
    return null
  }
}

function add(target, members) {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
  }
}

add(URL, {
  parse(url, base) {
    if (arguments.length === 0) throw new TypeError('parse takes an address')
    return made(url, base)
  },
  canParse(url, base) {
    if (arguments.length === 0) throw new TypeError('canParse takes an address')
    return made(url, base) !== null
  },
})

const { has, delete: remove } = URLSearchParams.prototype
add(URLSearchParams.prototype, {
  has(name, value) {
    return value === undefined ? has.call(this, name) : this.getAll(name).includes(String(value))
  },
  delete(name, value) {
    if (value === undefined) return remove.call(this, name)
    const kept = [...this].filter(([key, each]) => key !== String(name) || each !== String(value))
    for (const key of new Set(this.keys())) remove.call(this, key)
    for (const [key, each] of kept) this.append(key, each)
  },
})
if (!('size' in URLSearchParams.prototype)) {
  Object.defineProperty(URLSearchParams.prototype, 'size', {
    get() { return [...this].length }, enumerable: true, configurable: true,
  })
}
