import { exposeInterface, scalarText } from '../convert.js'
import { exposePairs } from '../iterators.js'
import { percentDecode, percentEncode, sets } from './encode.js'

function readForm(text) {
  return text.split('&').filter((part) => part !== '').map((part) => {
    const equals = part.indexOf('=')
    const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
    return [name, value].map((each) => percentDecode(each.replaceAll('+', ' ')))
  })
}

const encode = (text) => percentEncode(text, sets.form).replaceAll('%20', '+')

let listOf
let attach

class URLSearchParams {
  #list = []
  // Tells the URL whose query this is of a change.
  #changed = () => {}
  constructor(init = '') {
    if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
      this.#list = readForm(scalarText(init).replace(/^\?/, ''))
      return
    }
    const method = init[Symbol.iterator]
    if (method === undefined || method === null) {
      for (const name of Reflect.ownKeys(init)) {
        if (!Object.getOwnPropertyDescriptor(init, name)?.enumerable) continue
        const [key, value] = [scalarText(name), scalarText(init[name])]
        const known = this.#list.find((pair) => pair[0] === key)
        if (known) known[1] = value
        else this.#list.push([key, value])
      }
      return
    }
    if (typeof method !== 'function') throw new TypeError('the pairs are no list')
    for (const given of init) {
      if ((typeof given !== 'object' && typeof given !== 'function') || given === null) throw new TypeError('a pair is a list')
      const pair = [...given]
      if (pair.length !== 2) throw new TypeError('a pair has a name and a value')
      this.#list.push([scalarText(pair[0]), scalarText(pair[1])])
    }
  }
  get size() { return this.#list.length }
  append(name, value) {
    if (arguments.length < 2) throw new TypeError('append takes a name and a value')
    this.#list.push([scalarText(name), scalarText(value)])
    this.#changed()
  }
  delete(name, value = undefined) {
    if (arguments.length < 1) throw new TypeError('delete takes a name')
    const matches = matcher(name, value)
    this.#list = this.#list.filter((pair) => !matches(pair))
    this.#changed()
  }
  get(name) {
    if (arguments.length < 1) throw new TypeError('get takes a name')
    const key = scalarText(name)
    return this.#list.find((pair) => pair[0] === key)?.[1] ?? null
  }
  getAll(name) {
    if (arguments.length < 1) throw new TypeError('getAll takes a name')
    const key = scalarText(name)
    return this.#list.filter((pair) => pair[0] === key).map((pair) => pair[1])
  }
  has(name, value = undefined) {
    if (arguments.length < 1) throw new TypeError('has takes a name')
    return this.#list.some(matcher(name, value))
  }
  set(name, value) {
    if (arguments.length < 2) throw new TypeError('set takes a name and a value')
    const [key, text] = [scalarText(name), scalarText(value)]
    const index = this.#list.findIndex((pair) => pair[0] === key)
    if (index < 0) this.#list.push([key, text])
    else {
      this.#list[index][1] = text
      this.#list = this.#list.filter((pair, at) => at <= index || pair[0] !== key)
    }
    this.#changed()
  }
  sort() {
    this.#list.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    this.#changed()
  }
  toString() { return this.#list.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&') }
  static {
    listOf = (params) => params.#list
    attach = (params, query, changed) => {
      params.#list = readForm(query ?? '')
      params.#changed = changed
    }
  }
}

function matcher(name, value) {
  const key = scalarText(name)
  if (value === undefined) return (pair) => pair[0] === key
  const text = scalarText(value)
  return (pair) => pair[0] === key && pair[1] === text
}

exposePairs(URLSearchParams, 'URLSearchParams', (params) => listOf(params))
exposeInterface('URLSearchParams', URLSearchParams)

/** Makes parameters those of a query; `changed` hears of what is done to them. */
export const attachTo = (params, query, changed) => attach(params, query, changed)
