import { Agent, request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../shared/clock.ts'
import { createServer, type HttpServer } from './serve.ts'

let server: HttpServer
let agent: Agent
let answerSlow: (() => void) | null = null

const listen = async (): Promise<string> => {
  server = createServer(
    {
      fetch: async (asked: Request) => {
        if (asked.url.endsWith('/slow')) await new Promise<void>(resolve => (answerSlow = resolve))
        return new Response('done')
      },
    },
    systemClock,
  )
  agent = new Agent({ keepAlive: true })
  return `http://127.0.0.1:${(await server.listen('127.0.0.1', 0)).port}`
}
const ask = (url: string): Promise<{ connection: string | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    request(url, { agent }, answer => {
      let body = ''
      answer.on('data', part => (body += String(part)))
      answer.on('end', () => resolve({ connection: answer.headers.connection, body }))
    })
      .on('error', reject)
      .end()
  })

afterEach(() => agent.destroy())

test('connections stay open until the server is to stop; then each answer is the last on its own', async () => {
  const url = await listen()
  expect(await ask(url)).toMatchObject({ connection: 'keep-alive' })
  server.drain()
  expect(await ask(url)).toEqual({ connection: 'close', body: 'done' })
  expect(await ask(url)).toEqual({ connection: 'close', body: 'done' })
  await server.close(5_000)
})

test('a request under way is answered, ends its connection, and keeps the server no longer than that', async () => {
  const url = await listen()
  const slow = ask(`${url}/slow`)
  await expect.poll(() => answerSlow).not.toBeNull()
  const closed = server.close(30_000)
  await expect(ask(url)).rejects.toMatchObject({ code: expect.stringMatching(/ECONN/) as string })
  answerSlow?.()
  expect(await slow).toEqual({ connection: 'close', body: 'done' })
  await closed
})
