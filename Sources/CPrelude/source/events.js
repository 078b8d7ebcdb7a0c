// Events (DOM, §2) between objects that form no tree.
import { clock } from './clock.js'
import { dictionary, exposeInterface } from './convert.js'
import { guarded } from './uncaught.js'

let begin
let end
let isStopped
let trust
let stateOf

class Event {
  #type
  #isInitialized = true
  #bubbles
  #cancelable
  #composed
  #target = null
  #currentTarget = null
  #phase = 0
  #isDispatched = false
  #stopsPropagation = false
  #stopsImmediately = false
  #isCanceled = false
  #isPassive = false
  #isTrusted = false
  #timeStamp = clock.monotonic - clock.origin

  constructor(type, init) {
    if (arguments.length === 0) throw new TypeError('an event needs a type')
    const { bubbles = false, cancelable = false, composed = false } = dictionary(init, 'an event’s second argument')
    this.#type = `${type}`
    this.#bubbles = Boolean(bubbles)
    this.#cancelable = Boolean(cancelable)
    this.#composed = Boolean(composed)
    Object.defineProperty(this, 'isTrusted', Event.#trusted)
  }
  get type() { return this.#type }
  get target() { return this.#target }
  get srcElement() { return this.#target }
  get currentTarget() { return this.#currentTarget }
  get eventPhase() { return this.#phase }
  get bubbles() { return this.#bubbles }
  get cancelable() { return this.#cancelable }
  get composed() { return this.#composed }
  get defaultPrevented() { return this.#isCanceled }
  get timeStamp() { return this.#timeStamp }
  get returnValue() { return !this.#isCanceled }
  set returnValue(value) { if (!value) this.preventDefault() }
  get cancelBubble() { return this.#stopsPropagation }
  set cancelBubble(value) { if (value) this.#stopsPropagation = true }
  composedPath() { return this.#currentTarget === null ? [] : [this.#currentTarget] }
  stopPropagation() { this.#stopsPropagation = true }
  stopImmediatePropagation() {
    this.#stopsPropagation = true
    this.#stopsImmediately = true
  }
  preventDefault() { if (this.#cancelable && !this.#isPassive) this.#isCanceled = true }
  initEvent(type, bubbles = false, cancelable = false) {
    if (arguments.length === 0) throw new TypeError('an event needs a type')
    if (this.#isDispatched) return
    this.#type = `${type}`
    this.#bubbles = Boolean(bubbles)
    this.#cancelable = Boolean(cancelable)
    this.#isInitialized = true
    this.#stopsPropagation = this.#stopsImmediately = this.#isCanceled = false
    this.#target = null
  }

  static #trusted = { get() { return this.#isTrusted }, enumerable: true }

  static {
    trust = (event) => {
      event.#isTrusted = true
      return event
    }
    begin = (event, target) => {
      if (!(#type in Object(event))) throw new TypeError('dispatchEvent takes an Event')
      if (event.#isDispatched || !event.#isInitialized) {
        throw new DOMException('the event is being dispatched', 'InvalidStateError')
      }
      event.#isDispatched = true
      event.#target = event.#currentTarget = target
      event.#phase = 2
      return event.#stopsPropagation
    }
    end = (event) => {
      event.#isDispatched = event.#stopsPropagation = event.#stopsImmediately = false
      event.#currentTarget = null
      event.#phase = 0
    }
    isStopped = (event, isPassive) => {
      event.#isPassive = isPassive
      return event.#stopsImmediately
    }
  }
}
for (const [name, value] of Object.entries({ NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 })) {
  for (const holder of [Event, Event.prototype]) Object.defineProperty(holder, name, { value, enumerable: true })
}
exposeInterface('Event', Event)

class CustomEvent extends Event {
  #detail
  constructor(type, init) {
    if (arguments.length === 0) throw new TypeError('an event needs a type')
    super(type, init)
    this.#detail = init?.detail ?? null
  }
  get detail() { return this.#detail }
}
exposeInterface('CustomEvent', CustomEvent)

function isCapturing(options) {
  return typeof options === 'object' && options !== null ? Boolean(options.capture) : Boolean(options)
}

function isListener(value) {
  if (value === null || value === undefined) return false
  if (typeof value !== 'function' && typeof value !== 'object') throw new TypeError('a listener is a function or an object')
  return true
}

class EventTarget {
  // Type → listeners in the order in which they were added; made with the first one.
  #listeners

  addEventListener(type, callback, options) {
    if (arguments.length < 2) throw new TypeError('addEventListener takes a type and a listener')
    const capture = isCapturing(options)
    const given = typeof options === 'object' && options !== null ? options : {}
    const { once = false, passive = false, signal } = given
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal is no AbortSignal')
    if (!isListener(callback) || signal?.aborted) return
    const state = stateOf(this)
    state.#listeners ??= new Map()
    const name = `${type}`
    const list = state.#listeners.get(name) ?? []
    if (list.some((listener) => listener.callback === callback && listener.capture === capture)) return
    list.push({ callback, capture, once: Boolean(once), passive: Boolean(passive), isRemoved: false })
    state.#listeners.set(name, list)
    signal?.addEventListener('abort', () => { this.removeEventListener(name, callback, capture) })
  }

  removeEventListener(type, callback, options) {
    if (arguments.length < 2) throw new TypeError('removeEventListener takes a type and a listener')
    if (!isListener(callback)) return
    const list = stateOf(this).#listeners?.get(`${type}`)
    const capture = isCapturing(options)
    const index = list?.findIndex((listener) => listener.callback === callback && listener.capture === capture) ?? -1
    if (index >= 0) list.splice(index, 1)[0].isRemoved = true
  }

  dispatchEvent(event) {
    const target = stateOf(this)
    let isOver = begin(event, target)
    // Those for the way down come first; there is no way, so both kinds are called at the target.
    const list = [...target.#listeners?.get(event.type) ?? []]
    const ordered = [...list.filter((listener) => listener.capture), ...list.filter((listener) => !listener.capture)]
    for (const listener of ordered) {
      if (isOver) break
      if (listener.isRemoved) continue
      if (listener.once) target.removeEventListener(event.type, listener.callback, listener.capture)
      isOver = isStopped(event, listener.passive)
      guarded(() => {
        if (typeof listener.callback === 'function') return void listener.callback.call(target, event)
        const { handleEvent } = listener.callback
        if (typeof handleEvent !== 'function') throw new TypeError('the listener has no handleEvent')
        handleEvent.call(listener.callback, event)
      })
      isOver = isStopped(event, false)
    }
    end(event)
    return !event.defaultPrevented
  }

  static {
    stateOf = (target) => {
      const found = target ?? globalThis
      if (!(#listeners in Object(found))) throw new TypeError('expected an EventTarget')
      return found
    }
  }
}
exposeInterface('EventTarget', EventTarget)

/** Makes of an event one that the platform sent. */
export const trusted = (event) => trust(event)

/** Gives an interface the attribute `on<type>`, whose function is a listener from when it is first set. */
export function exposeHandler(type, event) {
  const handlers = new WeakMap()
  Object.defineProperty(type.prototype, `on${event}`, {
    configurable: true, enumerable: true,
    get() { return handlers.get(this)?.function ?? null },
    set(value) {
      const isCallable = typeof value === 'function' || (typeof value === 'object' && value !== null)
      const known = handlers.get(this)
      if (known) known.function = isCallable ? value : null
      else if (isCallable) {
        const handler = { function: value }
        handlers.set(this, handler)
        this.addEventListener(event, (happened) => {
          if (typeof handler.function === 'function') handler.function.call(this, happened)
        })
      }
    },
  })
}
