// node:path, in its POSIX form: https://nodejs.org/api/path.html

function normalize(path) {
  const text = String(path)
  const isAbsolute = text.startsWith('/')
  const parts = []
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || !isAbsolute) parts.push(part)
  }
  const joined = parts.join('/') + (text.endsWith('/') && parts.length > 0 ? '/' : '')
  return isAbsolute ? `/${joined}` : joined || (text.endsWith('/') && text ? './' : '.')
}

/** There is no working folder in an isolate; a relative path is one from `/`. */
function resolve(...paths) {
  let whole = ''
  for (const path of ['/', ...paths]) {
    if (path === '') continue
    whole = String(path).startsWith('/') ? String(path) : `${whole}/${path}`
  }
  return normalize(whole).replace(/(.)\/$/, '$1')
}

function parse(path) {
  const root = path.startsWith('/') ? '/' : ''
  const base = posix.basename(path)
  const ext = posix.extname(base)
  const dir = path.replace(/\/+$/, '').includes('/') ? posix.dirname(path) : root
  return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base }
}

const posix = {
  sep: '/', delimiter: ':', normalize, resolve, parse,
  join: (...paths) => normalize(paths.filter((path) => path !== '').join('/')),
  isAbsolute: (path) => path.startsWith('/'),
  dirname(path) {
    const trimmed = path.replace(/(.)\/+$/, '$1')
    const slash = trimmed.lastIndexOf('/')
    return slash < 0 ? '.' : trimmed.slice(0, slash).replace(/(.)\/+$/, '$1') || '/'
  },
  basename(path, suffix = '') {
    const base = path.replace(/\/+$/, '').replace(/^.*\//s, '')
    return suffix && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base
  },
  extname(path) {
    const base = posix.basename(path)
    const dot = base.lastIndexOf('.')
    return dot <= 0 || base === '..' ? '' : base.slice(dot)
  },
  format: ({ dir, root = '', base, name = '', ext = '' }) => {
    const file = base ?? name + (ext && !ext.startsWith('.') ? `.${ext}` : ext)
    return dir ? (dir === root ? dir + file : `${dir}/${file}`) : root + file
  },
  relative(from, to) {
    const source = resolve(from).split('/').filter(Boolean)
    const target = resolve(to).split('/').filter(Boolean)
    let shared = 0
    while (shared < source.length && source[shared] === target[shared]) shared++
    return [...source.slice(shared).map(() => '..'), ...target.slice(shared)].join('/')
  },
  toNamespacedPath: (path) => path,
}
posix.posix = posix

export default posix
