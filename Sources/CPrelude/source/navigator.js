import { exposeInterface } from './convert.js'

class Navigator {
  get userAgent() { return 'Grapnel' }
}
exposeInterface('Navigator', Navigator)

Object.defineProperty(globalThis, 'navigator', {
  value: new Navigator(), writable: true, enumerable: true, configurable: true,
})
