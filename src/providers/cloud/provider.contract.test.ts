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
import { CLOUD_CAPABILITIES, cloudProvider } from './provider.ts'
import { receiveDelivery } from './receive-delivery.ts'

const NUMBER = '106540352242922'
const TOKEN = 'a-token'
const SECRET = 'an-app-secret'

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
  { credentials: true, capabilities: CLOUD_CAPABILITIES, receives: [] },
  async () => {
    const graph = await startGraphServer()
    graph.addNumber(NUMBER, TOKEN)
    const handlersOf = new Map<string, ConnectionHandlers>()
    const webhook = await startWebhook(number => handlersOf.get(number))
    const options = (handlers: ConnectionHandlers, accessToken: string) => {
      handlersOf.set(NUMBER, handlers)
      return {
        companyId: randomUUID(),
        sessionId: randomUUID(),
        credentials: { accessToken },
        settings: { phoneNumberId: NUMBER },
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
    return {
      provider: cloudProvider({ graphUrl: graph.url, clock: systemClock, log: silentLog, timeoutMs: 1_000 }),
      options: handlers => options(handlers, TOKEN),
      wrongOptions: handlers => options(handlers, 'another-token'),
      write: (text, id) =>
        deliver(
          webhookBodyOf(NUMBER, {
            contacts: [{ profile: { name: 'Ana' }, wa_id: '5511987654321', user_id: 'BR.1502576394655843' }],
            messages: [
              {
                from: '5511987654321',
                from_user_id: 'BR.1502576394655843',
                id,
                timestamp: String(Math.floor(Date.now() / 1000)),
                type: 'text',
                text: { body: text },
              },
            ],
          }),
        ),
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
      sent: async () =>
        graph.sent.map(m => ({
          kind: 'text' as const,
          body: (m.body['text'] as { body: string }).body,
          providerMessageId: m.id,
          target: (m.body['context'] as { message_id: string } | undefined)?.message_id ?? '',
        })),
      read: async () => graph.read,
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
