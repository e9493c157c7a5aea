import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/**
 * A load balancer as simple as they come: asks every server each moment whether it is ready, sends requests and sockets to
 * those that are, in turn, and tries another server only where the connection was refused, before a byte was sent. It
 * keeps connections open, as they do.
 */
export type ReadyProxy = {
  readonly url: string
  /** From now on this server is looked at too. */
  add(url: string): void
  remove(url: string): void
  /** Whether requests go there. */
  sends(url: string): boolean
  close(): Promise<void>
}

const LOOK_EVERY_MS = 100
const LOOK_MS_MAX = 2_000
const HOST = '127.0.0.1'

type Server = { readonly url: string; ready: boolean }

export const startReadyProxy = async (): Promise<ReadyProxy> => {
  const servers = new Map<string, Server>()
  const agent = new Agent({ keepAlive: true })
  const sockets = new Set<Socket>()
  let turn = 0
  let closed = false

  const inTurn = (): Server[] => {
    const ready = [...servers.values()].filter(server => server.ready)
    turn += 1
    return ready.map((_, index) => ready[(turn + index) % ready.length]!)
  }

  const refuse = (response: ServerResponse, why: string): void => {
    if (response.headersSent) return void response.destroy()
    response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ why }))
  }

  const forward = (ask: IncomingMessage, body: Buffer, response: ServerResponse, to: Server[]): void => {
    const [server, ...others] = to
    if (!server) return refuse(response, 'no server is ready')
    const { method, url = '/', headers } = ask
    const { connection: _, ...passed } = headers
    const sent = request(new URL(url, server.url), { method: method ?? 'GET', headers: passed, agent })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return forward(ask, body, response, others)
      refuse(response, `${method} ${url} at ${server.url}: ${error.message}`)
    })
    sent.on('response', answer => {
      const { connection: _, 'keep-alive': __, ...told } = answer.headers
      response.writeHead(answer.statusCode ?? 502, told)
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    })
    sent.end(body)
  }

  const proxy = createServer((ask, response) => {
    const parts: Buffer[] = []
    ask.on('data', (part: Buffer) => parts.push(part))
    ask.on('end', () => forward(ask, Buffer.concat(parts), response, inTurn()))
  })
  proxy.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  proxy.on('upgrade', (ask: IncomingMessage, near: Socket, head: Buffer) => {
    const [server] = inTurn()
    if (!server) return void near.destroy()
    const far = connect(Number(new URL(server.url).port), HOST)
    const lines = Object.entries(ask.headers).map(([name, value]) => `${name}: ${String(value)}`)
    far.write(`${ask.method} ${ask.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    far.write(head)
    near.pipe(far).pipe(near)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })

  const look = async (server: Server): Promise<void> => {
    while (!closed && servers.get(server.url) === server) {
      const signal = AbortSignal.timeout(LOOK_MS_MAX)
      const answer = await fetch(`${server.url}/health/ready`, { signal }).catch(() => null)
      await answer?.arrayBuffer().catch(() => null)
      server.ready = answer?.status === 200
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  await new Promise<void>(resolve => proxy.listen(0, HOST, resolve))
  return {
    url: `http://${HOST}:${(proxy.address() as AddressInfo).port}`,
    add: url => {
      const server = { url, ready: false }
      servers.set(url, server)
      void look(server)
    },
    remove: url => void servers.delete(url),
    sends: url => servers.get(url)?.ready === true,
    close: async () => {
      closed = true
      for (const socket of sockets) socket.destroy()
      agent.destroy()
      await new Promise(resolve => proxy.close(resolve))
    },
  }
}
