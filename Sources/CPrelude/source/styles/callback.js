/**
 * A promise of what a function with a callback says: the callback's values, or the error that it is given, that is
 * thrown, or with which the promise that it returns is rejected.
 *
 * @param begin calls the function with the callback, and gives back what it returned
 * @param takesReturn whether the value of a returned promise is an answer as well
 */
export function heard(begin, { takesReturn = false } = {}) {
  return new Promise((resolve, reject) => {
    const callback = (error, ...values) => (error ? reject(asError(error)) : resolve(values))
    let returned
    try {
      returned = begin(callback)
    } catch (error) {
      reject(asError(error))
      return
    }
    if (typeof returned?.then !== 'function') return
    returned.then((value) => { if (takesReturn || value !== undefined) resolve([value]) }, (error) => reject(asError(error)))
  })
}

/** Older code calls back with a text, or with an object that only looks like an error. */
function asError(error) {
  if (error instanceof Error) return error
  const message = typeof error === 'string' ? error : error?.message ?? JSON.stringify(error)
  return Object.assign(new Error(message), typeof error === 'object' ? error : {})
}
