// What `require` and `import` find without a file: Node's modules that an isolate has, and the clients over fetch that
// older code asks for. The bundler leaves these names to `require`; its list is ModuleShelf.swift.
import assert, { strict } from './node/assert.js'
import buffer, { Buffer } from './node/buffer.js'
import crypto from './node/crypto.js'
import events from './node/events.js'
import path from './node/path.js'
import process from './node/process.js'
import querystring from './node/querystring.js'
import stringDecoder from './node/string_decoder.js'
import timers, { promises as timerPromises } from './node/timers.js'
import url from './node/url.js'
import util, { types } from './node/util.js'
import http, { https } from './node/http.js'
import axios from './clients/axios.js'
import jsonwebtoken from './clients/jsonwebtoken.js'
import nodeFetch from './clients/node-fetch.js'
import request, { requestPromise } from './clients/request.js'
import twilio from './clients/twilio.js'

const builtIn = {
  assert, 'assert/strict': strict, buffer, crypto, events, http, https, path, 'path/posix': path, process, querystring,
  string_decoder: stringDecoder, timers, 'timers/promises': timerPromises, url, util, 'util/types': types,
}
const clients = {
  axios, jsonwebtoken, 'node-fetch': nodeFetch, request, 'request-promise': requestPromise,
  'request-promise-native': requestPromise, twilio,
}

/** What a bundle asks for and does not hold. */
export function require(name) {
  const plain = String(name).replace(/^node:/, '').replace(/\/$/, '')
  if (Object.hasOwn(builtIn, plain)) return builtIn[plain]
  if (plain === name && Object.hasOwn(clients, name)) return clients[name]
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' })
}

Object.assign(globalThis, { Buffer, process, global: globalThis, setImmediate: timers.setImmediate, clearImmediate: timers.clearImmediate })
