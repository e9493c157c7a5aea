import {
  DEFAULT_CONNECTION_CONFIG,
  makeWASocket,
  WA_CERT_DETAILS,
  type BaileysEventMap,
  type BinaryNode,
  type ConnectionState as SocketState,
  type proto,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { AuthState } from './auth-state.ts'
import type { Reserved } from './journal.ts'
import { plainAgent } from './media.ts'
import { journalling } from './signal-repository.ts'
import type { socketLog } from './socket-log.ts'

/** A WhatsApp that is not WhatsApp: only on loopback, only for tests and demonstrations. */
export type LocalWhatsApp = { readonly url: string; readonly rootKey: Buffer }

const CONNECT_MS_MAX = 20_000
const QUERY_MS_MAX = 20_000
const KEEP_ALIVE_MS = 25_000
const CLOSE_MS_MAX = 2_000
export const QR_LIFE_MS = 30_000

export type SocketHooks = {
  onConnection(update: Partial<SocketState>): void
  /** A message was opened; answers what goes into the drawer together with the key. */
  reserve(stanza: BinaryNode, plaintext: Uint8Array): Promise<Reserved | null>
  /** How far messages of ours got. Nobody is told that we heard it before this resolved. */
  onReceipt(stanza: BinaryNode): Promise<void>
  /** Something could not be made durable. */
  onLost(error: unknown): void
  getMessage(id: string): Promise<proto.IMessage | null>
  readonly listeners: { [E in keyof BaileysEventMap]?: (data: BaileysEventMap[E]) => void }
}

type Options = {
  readonly auth: AuthState
  readonly log: ReturnType<typeof socketLog>
  readonly local: LocalWhatsApp | null
  /** Whether the phone's past is of use, and whether all of it is. */
  readonly history: { readonly wanted: boolean; readonly full: boolean }
  readonly qrMs: number
  readonly hooks: SocketHooks
  groupOf(jid: string): Awaited<ReturnType<WASocket['groupMetadata']>> | undefined
}

/** One connection of one linked device, with all that has to be durable tied to what WhatsApp is told. */
export const openSocket = ({ auth, log, local, history, qrMs, hooks, groupOf }: Options): WASocket => {
  // Process-wide in Baileys: a process talks either to WhatsApp or to a local one.
  if (local) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(local.rootKey)
  /** Which stanza a ciphertext came in. */
  const stanzas = new WeakMap<Uint8Array, BinaryNode>()
  const plain = DEFAULT_CONNECTION_CONFIG.makeSignalRepository
  const socket = makeWASocket({
    // Asked for by nobody: what works with keys gets them from `journalling`.
    auth: { creds: auth.creds, keys: { get: auth.keys.get, set: data => auth.keys.begin()(data) } },
    logger: log,
    browser: ['Fio', 'Chrome', '1.0.0'],
    ...(local ? { waWebSocketUrl: local.url, fetchAgent: plainAgent() } : {}),
    connectTimeoutMs: CONNECT_MS_MAX,
    defaultQueryTimeoutMs: QUERY_MS_MAX,
    keepAliveIntervalMs: KEEP_ALIVE_MS,
    qrTimeout: qrMs,
    // The journal is the only way of messages, and it knows what we sent by its id.
    emitOwnEvents: false,
    // Whoever is online gets no notifications on the phone.
    markOnlineOnConnect: false,
    syncFullHistory: history.full,
    shouldSyncHistoryMessage: () => history.wanted,
    getMessage: async key => (key.id ? ((await hooks.getMessage(key.id)) ?? undefined) : undefined),
    cachedGroupMetadata: async jid => groupOf(jid),
    makeSignalRepository: journalling(plain, auth, async (ciphertext, plaintext) => {
      const stanza = stanzas.get(ciphertext)
      return stanza ? hooks.reserve(stanza, plaintext) : null
    }),
  })
  socket.ws.prependListener('frame', (frame: BinaryNode | Uint8Array) => {
    if (frame instanceof Uint8Array || frame.tag !== 'message' || !Array.isArray(frame.content)) return
    for (const { tag, content } of frame.content)
      if (tag === 'enc' && content instanceof Uint8Array) stanzas.set(content, frame)
  })
  socket.ws.prependListener('CB:receipt', (stanza: BinaryNode) => {
    // Baileys tells WhatsApp that it heard it when its own turn is over: ours is taken before.
    socket.receiptMutex.mutex(() => hooks.onReceipt(stanza)).catch((error: unknown) => hooks.onLost(error))
  })
  socket.ev.on('connection.update', update => hooks.onConnection(update))
  socket.ev.on('creds.update', () => void auth.saveCreds().catch(() => undefined))
  for (const [event, listener] of Object.entries(hooks.listeners))
    socket.ev.on(event as keyof BaileysEventMap, listener as () => void)
  return socket
}

/** Closes without logging out; a peer that says nothing any more is not waited for. */
export const closeSocket = async (socket: WASocket): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>(resolve => (timer = setTimeout(resolve, CLOSE_MS_MAX)))
  await Promise.race([socket.end(undefined), enough])
  clearTimeout(timer)
}
