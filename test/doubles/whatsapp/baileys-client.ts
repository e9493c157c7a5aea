import https from 'node:https'
import net from 'node:net'
import {
  initAuthCreds,
  makeWASocket,
  type proto,
  WA_CERT_DETAILS,
  type AuthenticationCreds,
  type BaileysEventMap,
  type ConnectionState,
  type SignalKeyStore,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { until } from '../../support/until.ts'
import { memoryKeys } from './memory-keys.ts'
import { quietSignal } from './quiet-signal.ts'
import type { WhatsApp } from './whatsapp.ts'

/** The unmodified Baileys with its credentials in memory, which pairs, restarts and logs in by itself. */
export type BaileysClient = {
  /** The socket of now. */
  readonly socket: WASocket
  readonly creds: AuthenticationCreds
  readonly keys: SignalKeyStore
  readonly qr: string | null
  readonly states: Partial<ConnectionState>[]
  /** Every message that came, as it was upserted. */
  readonly messages: { message: WAMessage; type: string }[]
  readonly updates: BaileysEventMap['messages.update']
  readonly events: { name: keyof BaileysEventMap; data: unknown }[]
  open(): Promise<void>
  /** How far that message of ours got: 3 delivered, 4 read, 5 played. Baileys merges early receipts into the upsert. */
  statusOf(id: string): number
  /**
   * Which members of a group read that message of ours, by their hidden ids. A receipt that comes within the tenth of a second
   * for which Baileys holds events back is told with the message itself, and by no event of its own.
   */
  readersOf(id: string): string[]
  /** Whether the last thing was a disconnection, and with which code. */
  closedWith(): number | null
  connect(): void
  end(): Promise<void>
}

/** Uploads go to `https://`; on loopback they are spoken plainly. */
class PlainAgent extends https.Agent {
  override createConnection(options: net.NetConnectOpts): net.Socket {
    return net.connect(options)
  }
}

const RESTART = 515
const RECORDED = [
  'messaging-history.set',
  'messages.reaction',
  'presence.update',
  'call',
  'contacts.upsert',
  'contacts.update',
  'messages.media-update',
  'groups.upsert',
] as const satisfies (keyof BaileysEventMap)[]

export const baileysClient = (
  whatsapp: Pick<WhatsApp, 'url' | 'rootPublicKey'>,
  options: Partial<UserFacingSocketConfig> = {},
): BaileysClient => {
  quietSignal()
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(whatsapp.rootPublicKey)
  const creds = initAuthCreds()
  const keys = memoryKeys()
  const states: Partial<ConnectionState>[] = []
  const messages: { message: WAMessage; type: string }[] = []
  const updates: BaileysEventMap['messages.update'] = []
  const events: { name: keyof BaileysEventMap; data: unknown }[] = []
  const receipts: BaileysEventMap['message-receipt.update'] = []
  let qr: string | null = null
  let socket: WASocket

  const connect = (): void => {
    const made = makeWASocket({
      auth: { creds, keys },
      waWebSocketUrl: whatsapp.url,
      logger: pino({ level: process.env['WA_LOG'] ?? 'silent' }),
      browser: ['Fio', 'Chrome', '1.0'],
      shouldSyncHistoryMessage: () => false,
      syncFullHistory: false,
      fetchAgent: new PlainAgent(),
      getMessage: async ({ id }) => sent.get(id ?? ''),
      ...options,
    })
    socket = made
    made.ev.on('creds.update', update => Object.assign(creds, update))
    made.ev.on('messages.upsert', ({ messages: came, type }) => {
      for (const message of came) {
        messages.push({ message, type })
        if (message.key.fromMe && message.key.id && message.message) sent.set(message.key.id, message.message)
      }
    })
    made.ev.on('messages.update', came => void updates.push(...came))
    made.ev.on('message-receipt.update', came => void receipts.push(...came))
    for (const name of RECORDED) made.ev.on(name, data => void events.push({ name, data }))
    made.ev.on('connection.update', state => {
      states.push(state)
      if (state.qr) qr = state.qr
      if (state.connection === 'close' && codeOf(state) === RESTART) connect()
    })
  }
  const sent = new Map<string, proto.IMessage>()
  const codeOf = (state: Partial<ConnectionState>): number | null => {
    const error: unknown = state.lastDisconnect?.error
    if (!error || typeof error !== 'object' || !('output' in error)) return null
    const { output } = error
    return output && typeof output === 'object' && 'statusCode' in output ? Number(output.statusCode) : null
  }
  const last = (): Partial<ConnectionState> | undefined => states.findLast(state => state.connection)
  connect()

  return {
    get socket() {
      return socket
    },
    get qr() {
      return qr
    },
    creds,
    keys,
    states,
    messages,
    updates,
    events,
    connect,
    async open() {
      await until('the client is online', () => {
        const lately = states.slice(states.findLastIndex(state => state.connection === 'connecting'))
        return (
          lately.some(state => state.connection === 'open') &&
          lately.some(state => state.receivedPendingNotifications)
        )
      })
    },
    statusOf: id =>
      Math.max(
        0,
        ...messages.filter(m => m.message.key.id === id).map(m => m.message.status ?? 0),
        ...updates.filter(u => u.key.id === id).map(u => u.update.status ?? 0),
      ),
    readersOf: id => {
      const early = messages.filter(m => m.message.key.id === id).flatMap(m => m.message.userReceipt ?? [])
      const later = receipts.filter(one => one.key.id === id).map(one => one.receipt)
      const read = [...early, ...later].filter(one => one.readTimestamp)
      return [...new Set(read.map(one => String(one.userJid)))]
    },
    closedWith: () => (last()?.connection === 'close' ? codeOf(last() ?? {}) : null),
    async end() {
      await socket.end(undefined)
    },
  }
}
