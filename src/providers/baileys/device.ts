import {
  generateWAMessageContent,
  proto,
  type BinaryNode,
  type ConnectionState as SocketState,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import { MediaTooLarge } from '../../shared/media-limits.ts'
import type { Connection, ConnectionState, ConnectOptions, SessionStore } from '../provider.ts'
import { cachedDrawer } from './cached-drawer.ts'
import { openAuthState, wipeAuthState } from './auth-state.ts'
import { byDay } from './by-day.ts'
import { deviceEvents, partyItem } from './device-events.ts'
import { partingOf } from './disconnect-codes.ts'
import { envelopeOf, isOnlyKeys, openedMessage, type Entry } from './entry.ts'
import { createGroups } from './groups.ts'
import { addressOf, ignoredChat, jidOf, partyAddresses } from './jids.ts'
import { openJournal } from './journal.ts'
import { fetchBytes, openMedia } from './media.ts'
import type { SealedMedia } from './parse-content.ts'
import { hollow, openPast } from './past.ts'
import { parseEntry, type ParseTools } from './parse-entry.ts'
import { ackOfReceipt } from './parse-receipt.ts'
import { createPairing } from './pairing.ts'
import { readHistory } from './read-history.ts'
import { createReading } from './reading.ts'
import { sendMessage } from './send.ts'
import { contentFor } from './send-content.ts'
import { closeSocket, openSocket, QR_LIFE_MS, type LocalWhatsApp } from './socket.ts'
import { socketLog } from './socket-log.ts'
import { keepTokens } from './tokens.ts'
import { createUndecryptable } from './undecryptable.ts'

export type DeviceOptions = ConnectOptions & {
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Log
  readonly local: LocalWhatsApp | null
  readonly ackMsMax: number
  /** How long each QR code is shown. Default: half a minute. */
  readonly qrMs?: number
  readonly resendMsMax: number
}

/** How long a message of ours may be asked about again, and a file of theirs be fetched. */
const SENT_DAYS = 14
const MEDIA_DAYS = 30
const PICTURE_MS_MAX = 5_000

const PROTOCOL = proto.Message.ProtocolMessage.Type

/** What nobody is to read: history, sync keys and other talk between devices. */
const isTalkOfDevices = (message: proto.IMessage): boolean => {
  const order = message.protocolMessage
  return !!order && order.type !== PROTOCOL.REVOKE && order.type !== PROTOCOL.MESSAGE_EDIT
}

/**
 * One linked device from `connect` to `close`: sockets come and go inside it where WhatsApp asks for a new one (after a
 * pairing); what came in before is handed on first.
 */
export const openDevice = async (options: DeviceOptions): Promise<Connection> => {
  const { handlers, clock, log, local, settings, qrMs = QR_LIFE_MS } = options
  const store = cachedDrawer(options.store)
  let socket: WASocket | null = null
  let closing = false
  let connected = false

  const tell = (state: ConnectionState): void => {
    if (!closing) handlers.onState(state)
  }
  /**
   * What cannot be made durable may not be acknowledged: the connection ends, and the next begins from what is durable. Not for
   * what was acknowledged before, or never is: `keepMedia` and `show` below are tried again where they are, and told in the log.
   */
  const onLost = (error: unknown): void => {
    if (closing || !socket) return
    log.error({ err: error }, 'the keys of a session could not be written; its connection is closed')
    finish({ state: 'closed', reason: 'keys-not-durable' })
  }
  const finish = (state: ConnectionState): void => {
    connected = false
    part()
    pairing.over()
    void journal.tidy()
    tell(state)
  }
  const part = (): void => {
    const old = socket
    socket = null
    if (old) void closeSocket(old).catch(() => undefined)
  }

  const auth = await openAuthState(store, onLost)
  const sent = byDay(store, 'sent', SENT_DAYS, clock)
  const files = byDay(store, 'media', MEDIA_DAYS, clock)
  const lost = byDay(store, 'lost', SENT_DAYS, clock)
  const groups = createGroups(() => (connected ? socket : null), clock)
  const reading = createReading()
  const me = () => ({ id: auth.creds.me?.id ?? '', lid: auth.creds.me?.lid ?? '' })

  const parseTools: ParseTools = {
    me: () => partyAddresses(me().id, me().lid),
    phoneOfLid: auth.phoneOfLid,
    lidOfPhone: auth.lidOfPhone,
    groupName: groups.name,
    refOf: sent.get,
    wasShown: id => undecryptable.wasShown(id),
    keepMedia: async (id, media) => {
      await store.commit(new Map([files.change(id, JSON.stringify(media))]))
      return id
    },
  }
  const journal = await openJournal<Entry>({
    store,
    itemsOf: async entry => {
      const items = await parseEntry(entry, parseTools)
      reading.note(items)
      return items
    },
    onItems: items => handlers.onItems(items),
    clock,
    log,
  })
  const wantsPast = settings.historySync === true || settings.importContacts === true
  const past = await openPast({
    store,
    read: notice =>
      readHistory(notice, {
        local: local !== null,
        settings,
        itemsOf: entry => parseEntry(entry, parseTools),
        party: (name, ...jids) => partyItem(parseTools.me(), name, ...jids),
        keepMappings: async pairs => {
          if (pairs) await socket?.signalRepository.lidMapping.storeLIDPNMappings(pairs)
        },
        keepTokens: chats => keepTokens(auth, chats),
      }),
    onItems: items => handlers.onItems(items),
    clock,
    log,
  })
  const undecryptable = createUndecryptable({
    clock,
    log,
    shown: await lost.ids(),
    resendMsMax: options.resendMsMax,
    show: async (envelope, reason) => {
      const { changes, committed } = journal.reserve({ kind: 'undecryptable', ...envelope, reason })
      await store.commit(new Map([...Object.entries(changes), lost.change(envelope.key.id ?? '', reason)]))
      committed()
    },
  })

  const reserve = async (stanza: BinaryNode, plaintext: Uint8Array) => {
    const envelope = envelopeOf(stanza, me())
    const ignored = ignoredChat(envelope.key.remoteJid ?? '')
    if (ignored) {
      void handlers.onItems([{ item: 'ignored', kind: ignored }]).catch(() => undefined)
      return null
    }
    const message = openedMessage(plaintext)
    const notice = message.protocolMessage?.historySyncNotification
    // Only our own phone shares its past with us; anybody could say so.
    if (notice && wantsPast && envelope.key.fromMe === true)
      return { ...past.reserve(notice), instead: await hollow(message) }
    if (isOnlyKeys(message) || isTalkOfDevices(message)) return null
    undecryptable.opened(envelope.key.id ?? '')
    const text = Buffer.from(proto.Message.encode(message).finish()).toString('base64')
    return journal.reserve({ kind: 'message', ...envelope, message: text })
  }
  const onReceipt = async ({ attrs, content }: BinaryNode): Promise<void> => {
    const by = addressOf(attrs['participant'] ?? attrs['from'] ?? '')
    const own = parseTools.me().some(({ kind, value }) => kind === by?.kind && value === by.value)
    if (own || !ackOfReceipt(attrs)) return
    const list = Array.isArray(content) ? content[0]?.content : undefined
    const more = Array.isArray(list) ? list.map(item => item.attrs['id']) : []
    const ids = [attrs['id'], ...more].filter(id => id !== undefined)
    await journal.add({ kind: 'receipt', attrs: { ...attrs }, ids })
  }
  /** What we sent, for a phone that could not open it. */
  const getMessage = async (id: string): Promise<proto.IMessage | null> => {
    const said = await options.sentBefore?.(id)
    const line = socket
    if (!said || !line) return null
    const content = await contentFor('', said)
    if (!content || 'edit' in content) return null
    return generateWAMessageContent(content, {
      upload: line.waUploadToServer,
      logger: socketLog(log),
      mediaUploadTimeoutMs: options.ackMsMax,
    })
  }

  const onConnection = async (of: WASocket | null, update: Partial<SocketState>): Promise<void> => {
    if (closing || of !== socket) return
    if (update.qr) pairing.onQr(update.qr)
    if (update.isNewLogin) tell({ state: 'syncing' })
    if (update.connection === 'open') {
      connected = true
      const account = parseTools.me().find(({ kind }) => kind === 'phone')?.value ?? null
      tell({ state: 'connected', account })
    }
    if (update.connection === 'close') await onClose(update.lastDisconnect?.error)
  }
  const onClose = async (error: unknown): Promise<void> => {
    const code = statusOf(error)
    const said = error instanceof Error ? error.message : ''
    const parting = partingOf(code, said)
    log.info({ code, said }, 'a linked device was disconnected')
    if (parting.next === 'restart') {
      connected = false
      await auth.saveCreds().catch(onLost)
      if (!closing) start()
      return
    }
    if (parting.next === 'wipe')
      await wipeAuthState(store).catch((err: unknown) =>
        log.warn({ err }, 'keys of a session were left behind'),
      )
    finish(parting.state)
  }

  const start = (): WASocket => {
    const made: WASocket = openSocket({
      auth,
      log: socketLog(log),
      local,
      qrMs,
      history: { wanted: wantsPast, full: settings.historySync === true },
      groupOf: groups.known,
      hooks: {
        onConnection: update => {
          void onConnection(made, update).catch((err: unknown) => log.error({ err }, 'a connection was lost'))
        },
        reserve,
        onReceipt,
        onLost,
        getMessage,
        listeners: deviceEvents({
          socket: () => socket,
          settings,
          handlers,
          journal,
          undecryptable,
          groups,
          people: auth,
          me: parseTools.me,
          clock,
          log,
        }),
      },
    })
    socket = made
    return made
  }
  const pairing = createPairing({
    creds: auth.creds,
    begin: () => {
      part()
      return start()
    },
    isNow: line => line === socket && !connected && !closing,
    tell,
    qrMs,
  })

  tell({ state: 'connecting' })
  journal.start()
  start()
  past.start()
  for (const notes of [sent, files, lost])
    void notes.prune().catch((err: unknown) => log.debug({ err }, 'old notes were not dropped'))

  const line = (): WASocket | null => (connected && !closing ? socket : null)
  return {
    send: message =>
      sendMessage(message, {
        socket: line,
        remember: (id, ref) => store.commit(new Map([sent.change(id, ref)])),
        sentBefore: async id => (await options.sentBefore?.(id)) ?? null,
        lidOfPhone: auth.lidOfPhone,
        clock,
        ackMsMax: options.ackMsMax,
      }),
    markRead: async (chat, ids) => {
      const jid = jidOf(chat)
      if (jid) await line()?.readMessages(reading.keysOf(jid, ids))
    },
    typing: async (chat, on) => {
      const jid = jidOf(chat)
      if (jid) await line()?.sendPresenceUpdate(on ? 'composing' : 'paused', jid)
    },
    fetchMedia: async (id, bytesMax = Number.POSITIVE_INFINITY) => {
      const text = await files.get(id)
      if (text === null) throw new Error('nobody knows any more where this file lies')
      const media = JSON.parse(text) as SealedMedia
      if (media.size !== undefined && media.size > bytesMax) throw new MediaTooLarge(bytesMax, media.size)
      const size = media.size === undefined ? {} : { size: media.size }
      return { mime: media.mime, ...size, bytes: await openMedia(media, local !== null) }
    },
    requestPairingCode: async phone => {
      if (!socket || connected) throw new Error('there is nothing to pair')
      await pairing.request(phone.replace(/\D/g, ''))
    },
    profilePicture: async chat => {
      const jid = jidOf(chat)
      const url =
        jid &&
        (await line()
          ?.profilePictureUrl(jid, 'preview', PICTURE_MS_MAX)
          .catch(() => null))
      if (!url) return null
      const { mime, bytes } = await fetchBytes(url, local !== null)
      return { mime: mime ?? 'image/jpeg', bytes }
    },
    logout: async () => {
      const open = line()
      closing = true
      if (open)
        await open.logout().catch((err: unknown) => log.warn({ err }, 'WhatsApp was not told of the logout'))
      await wipeAuthState(store).catch((err: unknown) =>
        log.warn({ err }, 'the keys of a number that was logged out could not be wiped'),
      )
    },
    close: async () => {
      const old = socket
      closing = true
      connected = false
      socket = null
      pairing.over()
      if (old) await closeSocket(old)
      await undecryptable
        .flush()
        .catch((err: unknown) => log.warn({ err }, 'what could not be opened yet was not handed in'))
      await Promise.all([journal.stop(), past.stop()])
    },
  }
}

const statusOf = (error: unknown): number | undefined => {
  if (!error || typeof error !== 'object' || !('output' in error)) return undefined
  const { output } = error as { output?: { statusCode?: unknown } }
  return typeof output?.statusCode === 'number' ? output.statusCode : undefined
}
