import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAccounts } from './accounts.ts'
import { deliver, post } from './deliver.ts'
import { createFaults } from './faults.ts'
import { createMedia } from './media.ts'
import { createNumbers } from './numbers.ts'
import { createPages } from './pages.ts'
import { answersOf, bodyOf } from './request.ts'
import type { GraphCall, GraphFault, GraphRequest, GraphRoute } from './types.ts'

/**
 * Meta's Graph API as far as its messaging is concerned, as a real HTTP server: numbers with their tokens, messages,
 * media, templates, faults on demand, and the other direction: signed webhook deliveries that are repeated until they
 * are taken. Each part of Graph is a route of its own.
 */
export type GraphServer = Awaited<ReturnType<typeof startGraphServer>>

export const startGraphServer = async () => {
  const requests: GraphRequest[] = []
  const faults = createFaults()
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const media = createMedia({ base, tokens: () => numbers.tokens() })
  const numbers = createNumbers(media)
  const accounts = createAccounts({ base })
  const pages = createPages()
  const routes: GraphRoute[] = [media.route, numbers.route, accounts.route, pages.route]

  let losing = false
  const losingNow = (): GraphFault => {
    losing = false
    return { kind: 'lost-answer' }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', base())
    const method = request.method ?? ''
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
    const { body, file } = await bodyOf(request)
    requests.push({ method, path: url.pathname + url.search, token, body })
    const fault = isMessage(method, url.pathname) && losing ? losingNow() : faults.next(method)
    if (fault?.kind === 'silence') return
    const [, first = '', ...path] = url.pathname.split('/')
    const answers = answersOf(request, response, fault?.kind === 'lost-answer')
    const call: GraphCall = { method, path, query: url.searchParams, token, body, file, ...answers }
    if (fault?.kind === 'error') return troubled(fault, call, response)
    if (first === 'media-bytes') return media.serve(call)
    if (first === 'page-files') return pages.serve(call)
    if (!/^v\d+\.\d+$/.test(first)) return call.fail(404, 2500, 'Unknown path components')
    if (routes.some(route => route(call))) return
    call.fail(400, 100, `Object with ID '${path[0]}' does not exist`)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  return {
    get url() {
      return base()
    },
    requests,
    sent: numbers.sent,
    read: numbers.read,
    /** Ids of the messages in whose chats a typing indicator was shown. */
    typing: numbers.typing,
    /** Files by their id, uploaded ones too. */
    media: media.files,
    post,
    deliver,
    addNumber(phoneNumberId: string, token: string, display = '+55 11 5555-0100', about = {}) {
      numbers.add(phoneNumberId, { token, display, about })
    },
    /** A business account with its templates. */
    addAccount: accounts.add,
    addMedia(id: string, mime: string, bytes: Buffer) {
      media.files.set(id, { mime, bytes })
    },
    /** Pages and Instagram accounts. */
    pages,
    limitMessages: numbers.limit,
    /** The next message is carried out and its answer lost; uploads and questions before it are not. */
    loseNextMessage() {
      losing = true
    },
    /** The next `times` requests of this method go wrong like this. */
    fault(fault: GraphFault, times = 1, only: 'GET' | 'POST' | 'any' = 'any') {
      faults.order(fault, times, only)
    },
    clearFaults: faults.clear,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve, reject) => server.close(error => (error ? reject(error) : resolve())))
    },
  }
}

const isMessage = (method: string, path: string): boolean => method === 'POST' && path.endsWith('/messages')

const troubled = (fault: GraphFault & { kind: 'error' }, call: GraphCall, response: ServerResponse): void => {
  if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
  if (fault.code === undefined) return void response.writeHead(fault.status).end('upstream trouble')
  call.fail(fault.status, fault.code, fault.message ?? 'fault', fault.details, fault.subcode)
}
