// The errors of the handler's API.

/** An operation did not succeed. */
export class CallError extends Error {
  constructor({ message, status = null, code, retryable, outcome, retryAfter = null }) {
    super(message)
    this.status = status
    this.code = code
    this.retryable = retryable
    this.outcome = outcome
    this.retryAfter = retryAfter
  }
  get name() { return 'CallError' }
}

/** Ends the run as dead (rejected): trying again cannot help. */
export class Discard extends Error {
  get name() { return 'Discard' }
}

/** Tries the run again after a time such as `10m`. */
export class RetryAfter extends Error {
  constructor(delay, message = `retry after ${delay}`) {
    super(message)
    this.delay = milliseconds(delay)
  }
  get name() { return 'RetryAfter' }
}

const units = { ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000 }

/** A duration such as `30s`, or a number of milliseconds. */
export function milliseconds(duration) {
  if (typeof duration === 'number' && duration >= 0) return Math.round(duration)
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(String(duration))
  if (!match) throw new TypeError(`${JSON.stringify(duration)} is no duration such as 250ms, 30s, 5m, 2h or 7d`)
  return Number(match[1]) * units[match[2]]
}

Object.assign(globalThis, { CallError, Discard, RetryAfter })
