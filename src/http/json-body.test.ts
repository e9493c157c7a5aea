import { request } from 'node:http'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../shared/clock.ts'
import type { Env } from './context.ts'
import { jsonBody, limited } from './json-body.ts'
import { problemResponse, type Problem } from './problem.ts'
import { createServer, type HttpServer } from './serve.ts'

/** Bodies as they come over a connection: with their length said, in chunks, or not at all. */
const MAX = 20
let server: HttpServer
let port: number

beforeEach(async () => {
  const app = new Hono<Env>()
  app.onError((error, c) => problemResponse(c as never, error as Problem))
  app.use(limited(MAX), jsonBody)
  app.post('/', async c => c.json({ heard: await c.req.text() }))
  server = createServer(app, systemClock)
  port = (await server.listen('127.0.0.1', 0)).port
})
afterEach(() => server.close(5_000))

const send = (
  headers: Record<string, string | number>,
  parts: readonly string[],
): Promise<{ status: number | undefined; body: unknown }> =>
  new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method: 'POST', headers }, answer => {
      let text = ''
      answer.on('data', part => (text += String(part)))
      answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) as unknown }))
    })
    asked.on('error', reject)
    for (const part of parts) asked.write(part)
    asked.end()
  })
const json = { 'content-type': 'application/json' }

test('a body that says its length is read, or refused by that length', async () => {
  const small = JSON.stringify({ a: 1 })
  const taken = await send({ ...json, 'content-length': small.length }, [small])
  expect(taken).toEqual({ status: 200, body: { heard: small } })
  const large = JSON.stringify('x'.repeat(MAX))
  const refused = await send({ ...json, 'content-length': large.length }, [large])
  expect(refused).toMatchObject({ status: 413, body: { code: 'too-large' } })
})

test('a body in chunks is counted while it comes', async () => {
  const chunked = { ...json, 'transfer-encoding': 'chunked' }
  expect(await send(chunked, ['{"a"', ':1}'])).toEqual({ status: 200, body: { heard: '{"a":1}' } })
  const refused = await send(chunked, ['"', ...Array.from({ length: MAX }, () => 'x'), '"'])
  expect(refused).toMatchObject({ status: 413, body: { code: 'too-large' } })
})

test('no body is no body', async () => {
  expect(await send({ 'content-length': 0 }, [])).toEqual({ status: 200, body: { heard: '' } })
})

test('what is within the limit and no JSON is refused for that', async () => {
  expect(await send({ ...json, 'content-length': 1 }, ['{'])).toMatchObject({ body: { code: 'bad-json' } })
  expect(await send({ 'content-length': 2 }, ['{}'])).toMatchObject({ status: 415 })
})
