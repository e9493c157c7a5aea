import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Clock } from '../shared/clock.ts'
import { UPLOAD_PATH } from './json-body.ts'

const HEADERS_MS_MAX = 10_000
/** A whole request has to be here by then; files may take longer on a slow line. */
const REQUEST_MS_MAX = 60_000
const UPLOAD_MS_MAX = 15 * 60_000
/** Longer than what proxies in front keep idle connections, so that they never use one that we just closed. */
const KEEP_ALIVE_MS = 75_000

export type HttpServer = {
  /** For the realtime side, which shares the port. */
  readonly server: Server
  /** @throws Error when the port is taken. */
  listen(host: string, port: number): Promise<{ port: number }>
  /** From now on each answer ends its connection, so that whoever keeps connections open goes elsewhere with the next request. */
  drain(): void
  /** Takes no more; lets what runs finish for so long, then cuts it. */
  close(graceMs: number): Promise<void>
}

/** Ends a request whose body does not come; most have none. Answers how to stop waiting. */
const dueSoon = (asked: IncomingMessage, clock: Clock): (() => void) => {
  if (asked.complete || !('content-length' in asked.headers || 'transfer-encoding' in asked.headers))
    return () => undefined
  return clock.after(REQUEST_MS_MAX, () => {
    if (!asked.complete) asked.destroy()
  })
}

/** The app on a real port. */
export const createServer = (
  app: { fetch: Parameters<typeof createAdaptorServer>[0]['fetch'] },
  clock: Clock,
): HttpServer => {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: UPLOAD_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
  }) as Server
  const unanswered = new Set<ServerResponse>()
  let draining = false
  server.prependListener('request', (asked: IncomingMessage, answer: ServerResponse) => {
    if (draining) answer.shouldKeepAlive = false
    unanswered.add(answer)
    const cancel = asked.url?.startsWith(UPLOAD_PATH) ? () => undefined : dueSoon(asked, clock)
    answer.once('close', () => {
      cancel()
      unanswered.delete(answer)
    })
  })
  const drain = (): void => {
    draining = true
    for (const answer of unanswered) if (!answer.headersSent) answer.shouldKeepAlive = false
  }
  return {
    server,
    drain,
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const address = server.address()
          resolve({ port: typeof address === 'object' && address ? address.port : port })
        })
      }),
    close: graceMs =>
      new Promise((resolve, reject) => {
        drain()
        const cancel = clock.after(graceMs, () => server.closeAllConnections())
        server.close(error => {
          cancel()
          if (error) reject(error)
          else resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
