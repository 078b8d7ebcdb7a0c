globalThis.AbortSignal = class AbortSignal {
  #listeners = new Set()
  aborted = false
  reason = undefined
  onabort = null
  addEventListener(type, listener) { if (type === 'abort') this.#listeners.add(listener) }
  removeEventListener(type, listener) { if (type === 'abort') this.#listeners.delete(listener) }
  throwIfAborted() { if (this.aborted) throw this.reason }
  static abort(reason) {
    const controller = new AbortController()
    controller.abort(reason)
    return controller.signal
  }
  static timeout(milliseconds) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new DOMException('the time is up', 'TimeoutError')), milliseconds)
    return controller.signal
  }
  static _abort(signal, reason) {
    if (signal.aborted) return
    signal.aborted = true
    signal.reason = reason === undefined ? new DOMException('it was aborted', 'AbortError') : reason
    const event = { type: 'abort', target: signal }
    signal.onabort?.(event)
    for (const listener of signal.#listeners) {
      if (typeof listener === 'function') listener.call(signal, event)
      else listener?.handleEvent?.(event)
    }
  }
}
const { _abort } = AbortSignal
delete AbortSignal._abort

globalThis.AbortController = class AbortController {
  signal = new AbortSignal()
  abort(reason) { _abort(this.signal, reason) }
}
