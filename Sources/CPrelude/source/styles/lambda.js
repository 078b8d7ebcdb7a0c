// `style: lambda`: exports.handler = async (event, context) or (event, context, callback). The event is that of an HTTP
// API, payload 2.0: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
import { Buffer } from '../node/buffer.js'
import querystring from '../node/querystring.js'
import { heard } from './callback.js'

export function lambda(exports) {
  const handler = exports?.handler
  if (typeof handler !== 'function') throw new TypeError('a Lambda handler is exports.handler = async (event, context)')
  return async function (event, { run }) {
    const [value] = await heard((callback) => {
      const context = functionContext(run, callback)
      return handler(httpEvent(event), context, callback)
    }, { takesReturn: handler.length < 3 })
    return answered(value)
  }
}

function httpEvent(event) {
  const { cookie, ...headers } = event.headers
  const received = new Date(event.receivedAt)
  const path = `/hooks/${event.source}`
  const text = isText(event.raw)
  const result = {
    version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: querystring.stringify(event.query),
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }), headers,
    requestContext: {
      accountId: 'anonymous', apiId: 'grapnel', domainName: event.headers.host ?? '', domainPrefix: '',
      http: {
        method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: event.headers['x-forwarded-for']?.split(',')[0].trim() ?? '',
        userAgent: event.headers['user-agent'] ?? '',
      },
      requestId: event.id, routeKey: '$default', stage: '$default', time: logTime(received), timeEpoch: received.getTime(),
    },
    isBase64Encoded: event.raw.length > 0 && text === undefined,
  }
  const query = Object.entries(event.query)
  if (query.length > 0) result.queryStringParameters = Object.fromEntries(query.map(([name, value]) => [name, [value].flat().join(',')]))
  if (event.raw.length > 0) result.body = text ?? Buffer.from(event.raw).toString('base64')
  return result
}

/** The bytes as text; `undefined` when they are not UTF-8. */
function isText(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `12/Mar/2020:19:03:58 +0000` */
function logTime(date) {
  const two = (number) => String(number).padStart(2, '0')
  return `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`
}

function functionContext(run, callback) {
  return {
    functionName: run.recipe, functionVersion: run.version, invokedFunctionArn: `arn:aws:lambda:::function:${run.recipe}`,
    awsRequestId: run.id, memoryLimitInMB: '64', logGroupName: run.recipe, logStreamName: run.id,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Date.parse(run.deadline) - Date.now()),
    done: callback, succeed: (value) => callback(null, value), fail: (error) => callback(error ?? new Error('context.fail')),
  }
}

/** With a `statusCode` the value is a response; without, the response's JSON, as payload 2.0 has it. */
function answered(value) {
  if (value === undefined || value === null) return new Response(null, { status: 200 })
  if (typeof value !== 'object' || value.statusCode === undefined) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  }
  const headers = new Headers()
  for (const [name, one] of Object.entries(value.headers ?? {})) headers.set(name, String(one))
  for (const [name, list] of Object.entries(value.multiValueHeaders ?? {})) for (const one of list) headers.append(name, String(one))
  for (const cookie of value.cookies ?? []) headers.append('set-cookie', cookie)
  const { body } = value
  const content = body === undefined || body === null ? null
    : value.isBase64Encoded ? Buffer.from(body, 'base64') : typeof body === 'string' ? body : JSON.stringify(body)
  if (content !== null && !headers.has('content-type')) headers.set('content-type', 'text/plain')
  const status = Number(value.statusCode)
  return new Response([204, 205, 304].includes(status) ? null : content, { status, headers })
}
