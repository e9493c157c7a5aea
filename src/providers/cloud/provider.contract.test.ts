import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startGraphServer } from '../../../test/doubles/graph/server.ts'
import { statusBodyOf, webhookBodyOf } from '../../../test/doubles/graph/webhook-bodies.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { providerContract } from '../contract.ts'
import { must } from '../../shared/must.ts'
import type { ConnectionHandlers } from '../provider.ts'
import { CLOUD_CAPABILITIES } from './capabilities.ts'
import { cloudProvider } from './provider.ts'
import { receiveDelivery } from './receive-delivery.ts'
import { partOf, seenOf } from '../../../test/doubles/graph/customer.ts'

const NUMBER = '106540352242922'
const TOKEN = 'a-token'
const SECRET = 'an-app-secret'
const ACCOUNT = '215589313241560883'
const FROM = '5511987654321'
const TEMPLATES = [
  {
    name: 'hello',
    language: 'en',
    status: 'APPROVED',
    category: 'UTILITY',
    components: [{ type: 'BODY', text: 'Hi' }],
  },
  {
    name: 'order_ready',
    language: 'pt_BR',
    status: 'APPROVED',
    category: 'UTILITY',
    components: [{ type: 'BODY', text: 'Oi {{1}}, o pedido {{2}} está pronto' }],
  },
  { name: 'old', language: 'pt_BR', status: 'PAUSED', category: 'MARKETING', components: [] },
]
const seconds = () => String(Math.floor(Date.now() / 1000))

/** The webhook route in small: raw bytes in, Meta's answer out. */
const startWebhook = async (handlersOf: (phoneNumberId: string) => ConnectionHandlers | undefined) => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      void receiveDelivery(
        {
          rawBody: Buffer.concat(parts),
          signature: request.headers['x-hub-signature-256'] as string | undefined,
          appSecret: SECRET,
          now: Date.now(),
        },
        {
          items: async (number, items) => must(handlersOf(number), `number ${number}`).onItems(items),
          malformed: async (_number, parts) => Promise.reject(new Error(parts[0]?.reason)),
        },
      ).then(answer => response.writeHead(answer.status).end())
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>(resolve => server.close(() => resolve()).closeAllConnections()),
  }
}

providerContract(
  'the Cloud API',
  {
    credentials: true,
    capabilities: CLOUD_CAPABILITIES,
    receives: [
      'text',
      'image',
      'video',
      'audio',
      'voice',
      'document',
      'sticker',
      'location',
      'contacts',
      'interactive',
      'unsupported',
      'reaction',
      'edit',
      'revoke',
    ],
  },
  async () => {
    const graph = await startGraphServer()
    graph.addNumber(NUMBER, TOKEN)
    graph.addAccount(ACCOUNT, TOKEN, TEMPLATES)
    const handlersOf = new Map<string, ConnectionHandlers>()
    const webhook = await startWebhook(number => handlersOf.get(number))
    const options = (handlers: ConnectionHandlers, accessToken: string) => {
      handlersOf.set(NUMBER, handlers)
      return {
        companyId: randomUUID(),
        sessionId: randomUUID(),
        credentials: { accessToken },
        settings: { phoneNumberId: NUMBER, businessAccountId: ACCOUNT },
        handlers,
      }
    }
    let up = true
    const vanish = async () => {
      if (up) await graph.close()
      up = false
    }
    const deliver = async (payload: unknown) => {
      const { status } = await graph.deliver(webhook.url, payload, SECRET)
      if (status !== 200) throw new Error(`the webhook answered ${status}`)
    }
    const says = (id: string, part: object) =>
      deliver(
        webhookBodyOf(NUMBER, {
          contacts: [{ profile: { name: 'Ana' }, wa_id: FROM, user_id: 'BR.1502576394655843' }],
          messages: [{ from: FROM, from_user_id: 'BR.1502576394655843', id, timestamp: seconds(), ...part }],
        }),
      )
    return {
      provider: cloudProvider({ graphUrl: graph.url, clock: systemClock, log: silentLog, timeoutMs: 1_000 }),
      options: handlers => options(handlers, TOKEN),
      wrongOptions: handlers => options(handlers, 'another-token'),
      write: (text, id) => says(id, { type: 'text', text: { body: text } }),
      does: async (written, id) => says(id, await partOf(written, graph)),
      tell: (id, ack) =>
        deliver(
          statusBodyOf(
            must(
              graph.sent.find(m => m.id === id),
              id,
            ),
            ack,
            Date.now(),
          ),
        ),
      sent: async () => graph.sent.map(message => seenOf(message, graph)),
      read: async () => graph.read,
      seesTyping: async () => graph.typing.length > 0,
      loseAnswers: async () => graph.fault({ kind: 'lost-answer' }, 100, 'POST'),
      refuse: async () =>
        graph.fault(
          { kind: 'error', status: 400, code: 131026, message: 'Message undeliverable' },
          100,
          'POST',
        ),
      vanish,
      async stop() {
        await vanish()
        await webhook.close()
      },
    }
  },
)
