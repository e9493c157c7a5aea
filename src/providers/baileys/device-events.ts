import { proto, type BaileysEventMap, type WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../shared/clock.ts'
import type { Log } from '../../shared/log.ts'
import type { Address, ConnectOptions, InboundItem, PeerPresence } from '../provider.ts'
import type { Entry } from './entry.ts'
import { entryOf } from './entry-of.ts'
import type { Groups } from './groups.ts'
import { addressOf, ignoredChat, partyAddresses } from './jids.ts'
import type { Journal } from './journal.ts'
import { personOf, type ParseTools } from './parse-entry.ts'
import type { Undecryptable } from './undecryptable.ts'

type Tools = {
  socket(): WASocket | null
  readonly settings: ConnectOptions['settings']
  readonly handlers: ConnectOptions['handlers']
  readonly journal: Pick<Journal<Entry>, 'add'>
  readonly undecryptable: Undecryptable
  readonly groups: Groups
  readonly people: Pick<ParseTools, 'phoneOfLid' | 'lidOfPhone'>
  readonly me: () => readonly Address[]
  readonly clock: Clock
  readonly log: Log
}

const CIPHERTEXT = proto.WebMessageInfo.StubType.CIPHERTEXT
/** How many people's typing is listened for. */
const WATCHED_MAX = 500

const DOING: Readonly<Record<string, PeerPresence['doing']>> = { composing: 'typing', recording: 'recording' }

/**
 * That these ids are one person's, and what the address book calls them: who has a name there is to be kept. `null`: nothing
 * that is to be known of anybody.
 */
export const partyItem = (
  me: readonly Address[],
  name: string | undefined,
  ...jids: readonly (string | undefined)[]
): InboundItem | null => {
  const addresses = partyAddresses(...jids)
  const isOwn = addresses.some(a => me.some(o => o.kind === a.kind && o.value === a.value))
  if (addresses.length === 0 || isOwn || (addresses.length < 2 && !name)) return null
  if (!name) return { item: 'identity', party: { addresses } }
  return { item: 'identity', party: { addresses, name: name.slice(0, 512) }, keep: true }
}

/** What Baileys tells beside the messages that the journal takes: calls, who is whom, who writes. */
export const deviceEvents = (
  tools: Tools,
): { [E in keyof BaileysEventMap]?: (data: BaileysEventMap[E]) => void } => {
  const { settings, handlers, journal, undecryptable, groups, people, log } = tools
  const quietly = (work: Promise<unknown>): void =>
    void work.catch((err: unknown) => log.warn({ err }, 'something of WhatsApp was not recorded'))
  const add = (item: InboundItem): Promise<void> => journal.add({ kind: 'item', item })
  const watched = new Set<string>()

  const watch = (jid: string): void => {
    if (watched.has(jid) || watched.size >= WATCHED_MAX) return
    watched.add(jid)
    quietly(tools.socket()?.presenceSubscribe(jid) ?? Promise.resolve())
  }

  const learn = async (name: string | undefined, ...jids: (string | undefined)[]): Promise<void> => {
    const item = partyItem(tools.me(), name, ...jids)
    if (item) await add(item)
  }

  const takeCall = async (call: BaileysEventMap['call'][number]): Promise<void> => {
    if (call.status !== 'offer') return
    const from = call.groupJid ?? call.from
    const addresses = call.groupJid
      ? partyAddresses(call.groupJid)
      : await personOf(people, call.from, call.callerPn)
    if (addresses.length === 0) return
    const socket = tools.socket()
    const reject = settings.rejectCalls
    const rejected =
      reject && !call.offline && socket !== null
        ? await socket.rejectCall(call.id, call.from).then(
            () => true,
            () => false,
          )
        : false
    await add({
      item: 'call',
      callId: call.id,
      chat: { addresses, group: call.groupJid !== undefined },
      at: call.date.toISOString(),
      video: call.isVideo === true,
      rejected,
    })
    if (!rejected || !reject?.text || call.groupJid) return
    const told = await socket?.sendMessage(from, { text: reject.text, linkPreview: null })
    const entry = told && entryOf(told, false)
    if (entry) await journal.add(entry)
  }

  const tellPresence = async ({ id, presences }: BaileysEventMap['presence.update']): Promise<void> => {
    const chat = await personOf(people, id)
    if (chat.length === 0) return
    for (const [jid, { lastKnownPresence }] of Object.entries(presences)) {
      const author = jid === id ? [] : await personOf(people, jid)
      handlers.onPresence?.({
        chat,
        ...(author.length > 0 ? { author } : {}),
        doing: DOING[lastKnownPresence] ?? 'nothing',
      })
    }
  }

  return {
    'messages.upsert': ({ messages, requestId }) => {
      for (const message of messages) {
        const { key, messageStubType, messageStubParameters } = message
        if (!key.fromMe && key.remoteJid && addressOf(key.remoteJid)?.kind !== 'group') watch(key.remoteJid)
        // Everything else came by the journal already; this the phone gave again because it never reached us.
        const entry = requestId ? entryOf(message, true) : null
        if (entry) {
          undecryptable.opened(key.id ?? '')
          quietly(journal.add(entry))
        } else if (messageStubType === CIPHERTEXT && !ignoredChat(key.remoteJid ?? '')) {
          const at = Number(String(message.messageTimestamp ?? 0)) * 1_000
          const name = message.pushName ? { name: message.pushName } : {}
          undecryptable.failed({ key, at, late: false, ...name }, messageStubParameters?.[0] ?? 'unknown')
        }
      }
    },
    'contacts.upsert': contacts => {
      if (settings.importContacts)
        for (const { name, id, lid, phoneNumber } of contacts) quietly(learn(name, id, lid, phoneNumber))
    },
    'lid-mapping.update': ({ lid, pn }) => quietly(learn(undefined, lid, pn)),
    'groups.update': changes => {
      for (const { id, subject } of changes) if (id) groups.changed(id, subject ? { subject } : {})
    },
    'group-participants.update': ({ id }) => groups.changed(id),
    'presence.update': update => quietly(tellPresence(update)),
    call: calls => {
      for (const call of calls) quietly(takeCall(call))
    },
  }
}
