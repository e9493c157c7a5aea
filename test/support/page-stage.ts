import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messagingBodyOf, type PageMessage } from '../doubles/graph/pages.ts'
import { startGraphServer } from '../doubles/graph/server.ts'
import type { ContractStage, Seen, Written } from '../../src/providers/contract/stage.ts'
import type { PageOptions } from '../../src/providers/meta/page-provider.ts'
import { parseMessaging } from '../../src/providers/meta/parse-messaging.ts'
import { takeDelivery } from '../../src/providers/meta/receive-delivery.ts'
import type { Address, ConnectionHandlers, OutboundKind, Provider } from '../../src/providers/provider.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { silentLog } from '../../src/shared/log.ts'
import { must } from '../../src/shared/must.ts'

const ACCOUNT = '1906385232743451'
const TOKEN = 'a-page-token'
const SECRET = 'an-app-secret'
const CUSTOMER = '8842561234567890'

/** The webhook route in small: raw bytes in, Meta's answer out. */
const startWebhook = async (handlersOf: () => ConnectionHandlers | null) => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const signature = request.headers['x-hub-signature-256']
      void takeDelivery(
        {
          rawBody: Buffer.concat(parts),
          signature: typeof signature === 'string' ? signature : null,
          appSecret: SECRET,
          now: Date.now(),
        },
        (body, now) => parseMessaging(body, { now }),
        {
          items: async (_account, items) => must(handlersOf(), 'a connection').onItems(items),
          malformed: async (_account, parts) => Promise.reject(new Error(parts[0]?.reason)),
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

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'audio/mpeg': 'mp3',
  'application/pdf': 'pdf',
}
const ATTACHED = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  document: 'file',
  sticker: 'image',
} as const
const KINDS: Readonly<Record<string, OutboundKind>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  file: 'document',
}

/** The customer's side of a page or an Instagram account, for the provider contract. */
export const pageStage = async (
  object: 'page' | 'instagram',
  provide: (options: PageOptions) => Provider,
): Promise<ContractStage> => {
  const graph = await startGraphServer()
  const instagram = object === 'instagram' ? { instagram: { id: ACCOUNT, username: 'loja' } } : {}
  const pageId = object === 'instagram' ? '101' : ACCOUNT
  graph.pages.add(TOKEN, { pageId, name: 'Loja', appId: '77', ...instagram })
  let current: ConnectionHandlers | null = null
  const webhook = await startWebhook(() => current)
  const options = (handlers: ConnectionHandlers, pageAccessToken: string) => {
    current = handlers
    return {
      companyId: randomUUID(),
      sessionId: randomUUID(),
      credentials: { pageAccessToken },
      settings: { pageId: ACCOUNT },
      handlers,
    }
  }
  const tell = async (event: object) => {
    const around = { sender: { id: CUSTOMER }, recipient: { id: ACCOUNT }, timestamp: Date.now() }
    const body = messagingBodyOf(object, ACCOUNT, [{ ...around, ...event }])
    const { status } = await graph.deliver(webhook.url, body, SECRET)
    if (status !== 200) throw new Error(`the webhook answered ${status}`)
  }
  const eventOf = (written: Written, mid: string): object => {
    switch (written.kind) {
      case 'text':
        return {
          message: {
            mid,
            text: written.text,
            ...(written.quoted ? { reply_to: { mid: written.quoted } } : {}),
          },
        }
      case 'image':
      case 'video':
      case 'audio':
      case 'document':
      case 'sticker': {
        const id = randomUUID()
        graph.pages.files.set(id, { mime: written.mime, bytes: written.bytes })
        const url = `${graph.url}/page-files/${id}/arquivo.${ENDINGS[written.mime] ?? 'bin'}?oh=1`
        const sticker = written.kind === 'sticker' ? { sticker_id: 369239263222822 } : {}
        const attachment = { type: ATTACHED[written.kind], payload: { url, ...sticker } }
        return { message: { mid, attachments: [attachment] } }
      }
      case 'location': {
        const coordinates = { lat: written.latitude, long: written.longitude }
        return {
          message: {
            mid,
            attachments: [{ type: 'location', title: written.name, payload: { coordinates } }],
          },
        }
      }
      case 'interactive':
        return { message: { mid, text: written.title, quick_reply: { payload: written.id } } }
      case 'unsupported':
        return { message: { mid, is_unsupported: true } }
      case 'reaction': {
        const { target, emoji } = written
        return {
          reaction:
            emoji === ''
              ? { mid: target, action: 'unreact' }
              : { mid: target, action: 'react', reaction: 'love', emoji },
        }
      }
      case 'edit':
        return { message_edit: { mid: written.target, text: written.text, num_edit: 1 } }
      case 'revoke':
        return { message: { mid: written.target, is_deleted: true } }
      case 'contacts':
      case 'voice':
        throw new Error(`nobody can send ${written.kind} here`)
    }
  }
  const seenOf = ({ id, body }: PageMessage): Seen => {
    const base = { providerMessageId: id, body: '' }
    if ('payload' in body) {
      const { message_id: target, reaction } = body['payload'] as { message_id: string; reaction?: string }
      return { ...base, kind: 'reaction', target, emoji: reaction ?? '' }
    }
    const message = body['message'] as {
      text?: string
      attachment?: { type: string; payload: { attachment_id: string } }
      quick_replies?: { title: string }[]
    }
    const quoted = (body['reply_to'] as { mid: string } | undefined)?.mid
    const said = { ...base, body: message.text ?? '', ...(quoted ? { target: quoted } : {}) }
    if (message.quick_replies)
      return { ...said, kind: 'interactive', choices: message.quick_replies.map(({ title }) => title) }
    if (!message.attachment) return { ...said, kind: 'text' }
    const file = must(graph.pages.uploads.get(message.attachment.payload.attachment_id), 'the file')
    const kind = file.mime.startsWith('audio/ogg') ? 'voice' : must(KINDS[message.attachment.type], 'kind')
    return { ...said, kind, file: file.bytes }
  }
  let up = true
  const vanish = async () => {
    if (up) await graph.close()
    up = false
  }
  const customer: Address = { kind: 'psid', value: CUSTOMER }
  const marks: string[] = []
  let lastWritten = ''
  return {
    provider: provide({ graphUrl: graph.url, clock: systemClock, log: silentLog, timeoutMs: 1_000 }),
    customer,
    options: handlers => options(handlers, TOKEN),
    wrongOptions: handlers => options(handlers, 'another-token'),
    async write(text, id) {
      lastWritten = id
      await tell({ message: { mid: id, text } })
    },
    does: async (written, id) => tell(eventOf(written, id)),
    tell: async (id, ack) => {
      const watermark = Date.now()
      if (ack === 'delivered') return tell({ delivery: { mids: [id], watermark } })
      return tell({ read: object === 'page' ? { watermark } : { mid: id } })
    },
    sent: async () => graph.pages.sent.map(seenOf),
    // Seeing is told of the chat: everything written until then.
    async read() {
      if (graph.pages.actions.some(({ to, action }) => to === CUSTOMER && action === 'mark_seen'))
        marks.push(lastWritten)
      return marks
    },
    seesTyping: async () =>
      graph.pages.actions.findLast(({ action }) => action.startsWith('typing'))?.action === 'typing_on',
    loseAnswers: async () => graph.fault({ kind: 'lost-answer' }, 100, 'POST'),
    refuse: async () =>
      graph.fault({ kind: 'error', status: 400, code: 551, message: 'not available' }, 100, 'POST'),
    vanish,
    async stop() {
      await vanish()
      await webhook.close()
    },
  }
}
