import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Env } from './context.ts'
import { Problem } from './problem.ts'

export const JSON_BYTES_MAX = 1024 * 1024
/** The virtual phone sends pictures inside the JSON. */
export const SIMULATOR_BYTES_MAX = 8 * 1024 * 1024
/** A file by itself; the form around it is small. The company's own limit counts bytes of the file. */
export const UPLOAD_PATH = '/api/v1/uploads'
export const WEBHOOK_BYTES_MAX = 3 * 1024 * 1024

const JSON_TYPE = /^application\/([a-z.-]+\+)?json\s*(;.*)?$/i

/**
 * Refuses a body over the limit, whether it says its length or not. Nearly all say it, and Node's parser takes no byte
 * more than was said; for them the body is not touched here, which would make a whole web `Request` with its streams (a
 * tenth of what a small command costs).
 */
export const limited = (maxSize: number): MiddlewareHandler<Env> => {
  const refuse = (): never => {
    throw new Problem('too-large', `The body is over ${maxSize} bytes.`)
  }
  const counted = bodyLimit({ maxSize, onError: refuse })
  return (c, next) => {
    if (c.req.header('transfer-encoding') !== undefined) return counted(c, next)
    const length = c.req.header('content-length')
    // Without either there is no body on a connection; a request made in memory may have one.
    if (length === undefined) return c.env?.incoming ? next() : counted(c, next)
    return Number(length) > maxSize ? refuse() : next()
  }
}

/** A body is JSON or there is none; it is read here once, and found again by the route. */
export const jsonBody: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.path === UPLOAD_PATH) return next()
  const text = await c.req.text()
  if (text === '') return next()
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '')) {
    throw new Problem('unsupported-media-type', 'Send application/json.')
  }
  try {
    JSON.parse(text)
  } catch {
    throw new Problem('bad-json', 'The body is not valid JSON.')
  }
  return next()
}
