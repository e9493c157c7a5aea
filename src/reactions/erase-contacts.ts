import { isRefusal, type Answer, type Door } from '../commands/define.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { EventStore, StoredEvent } from '../eventstore/port.ts'
import { streamName } from '../eventstore/streams.ts'
import type { MediaStore } from '../media/port.ts'
import type { Freshness, Lookups } from '../projections/read-models.ts'
import { failPoint } from '../shared/fail-point.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import { notDone, type Reaction } from './runner.ts'

/**
 * What follows from `contact.erased`, each step safe to repeat, so that a crash anywhere only means beginning again:
 *
 *   key destroyed, for ever ─▶ aliases and live tickets let go ─▶ files and raw payloads removed ─▶ dead letters about them
 *   erased with their keys, and what they said of messages that never came ─▶ snapshots removed ─▶ `contact.erasureCompleted`
 *
 * The key goes first: from then on nothing that lies anywhere in the log can be opened, and nothing new can be sealed
 * with it. The read models blank their rows upon both facts, so what came in between is blanked too.
 */
export type ErasureTools = {
  readonly door: Door
  readonly store: Pick<EventStore, 'readStream' | 'head'>
  readonly media: Pick<MediaStore, 'remove'>
  destroyKey(companyId: string, subject: string): Promise<void>
  /** Forgets what was said, by somebody with one of these aliases, of a message that has not come. */
  forgetEarly(companyId: CompanyId, aliasIds: readonly string[]): Promise<void>
  /** Where actors leave snapshots. */
  readonly removeSnapshot?: ((stream: string) => Promise<void>) | undefined
  waitFor(position: string, timeoutMs: number): Promise<Freshness>
  readonly lookups: Pick<
    Lookups,
    'conversationsOf' | 'streamsAbout' | 'mediaOfOthers' | 'deadLettersAbout' | 'erasedSubjectOf'
  >
  readonly log: Log
}

const RULE = 'erase-contact'
/** Longer than they ever take under load: each new try waits for a later place. */
const WAIT_MS = 10_000

const shown = async ({ waitFor }: ErasureTools, position: string): Promise<void> => {
  if ((await waitFor(position, WAIT_MS)).stale) throw new Error('the read models are behind')
}

const asker = (tools: ErasureTools, companyId: CompanyId, causationId: string) => {
  const who: SystemPrincipal = { kind: 'system', companyId, actor: { kind: 'system', id: RULE } }
  return async (command: string, input: object): Promise<Answer> => {
    const options = { correlationId: causationId, causationId, rule: RULE }
    const answer = await tools.door.ask(who, command, input, options)
    if (isRefusal(answer)) throw notDone(command, answer)
    return answer
  }
}

const text = (value: unknown): readonly string[] => (typeof value === 'string' ? [value] : [])
const keyIn = (media: unknown): readonly string[] =>
  typeof media === 'object' && media !== null && 'key' in media ? text(media.key) : []

/** Keys in the media store of what one stream says about a person: the log knows them, whatever the rows say by now. */
const filesIn = async (events: AsyncIterable<StoredEvent>, subject: string): Promise<string[]> => {
  const messages = new Set<unknown>()
  const keys: string[] = []
  for await (const { data, metadata } of events) {
    const { messageId, media, rawKey } = data
    if (metadata['subject'] === subject) {
      messages.add(messageId)
      keys.push(...text(rawKey), ...keyIn(media))
    } else if (messages.has(messageId)) keys.push(...keyIn(media))
  }
  return keys
}

const removeFiles = async (tools: ErasureTools, companyId: string, id: string): Promise<number> => {
  const { store, media, lookups } = tools
  const keys = new Set<string>()
  for (const stream of await lookups.streamsAbout(companyId, id))
    for (const key of await filesIn(store.readStream(stream), id)) keys.add(key)
  // The same picture sent by somebody else is kept once, and stays theirs.
  const others = new Set(await lookups.mediaOfOthers(companyId, id, [...keys]))
  const own = [...keys].filter(key => !others.has(key))
  for (const key of own) await media.remove(key)
  return own.length
}

export const eraseContacts = (tools: ErasureTools): Reaction => ({
  name: 'erase-contacts',
  types: ['contact.erased'],
  react: async ({ company, type, id }, fact) => {
    const { lookups, media, log } = tools
    const ask = asker(tools, company, fact.id)
    const { aliasIds, reason } = fact.data as { aliasIds: readonly string[]; reason: string }
    await tools.destroyKey(company, id)
    failPoint('erase.key-destroyed')
    const head = (await tools.store.head()) ?? fact.position
    await shown(tools, head > fact.position ? head : fact.position)

    const conversationIds = await lookups.conversationsOf(company, id)
    const forgotten = await ask('contact.forget', { id, reason, aliasIds, conversationIds })
    failPoint('erase.forgotten')
    const filesRemoved = await removeFiles(tools, company, id)
    failPoint('erase.files-removed')
    const letters = await lookups.deadLettersAbout(company, aliasIds)
    for (const letter of letters) {
      await tools.destroyKey(company, letter.id)
      if (letter.rawKey !== null) await media.remove(letter.rawKey)
      await ask('deadLetter.erase', { id: letter.id })
      failPoint('erase.letter-erased')
    }
    await tools.forgetEarly(company, aliasIds)
    for (const stream of [
      streamName({ company, type, id }),
      ...conversationIds.map(one => streamName({ company, type: 'conversation', id: one })),
      ...(await lookups.streamsAbout(company, id)),
    ])
      await tools.removeSnapshot?.(stream)
    failPoint('erase.snapshots-removed')
    const done = {
      filesRemoved,
      lettersErased: letters.length,
      ticketsClosed: Number(forgotten.data?.['ticketsClosed'] ?? 0),
    }
    await ask('contact.completeErasure', { id, ...done })
    log.info({ companyId: company, contactId: id, ...done }, 'a contact was erased')
  },
})

/** A file that was on its way while its person was erased does not come to stay. */
export const dropLateFiles = (tools: ErasureTools): Reaction => ({
  name: 'drop-late-files',
  types: ['message.mediaStored'],
  react: async ({ company }, fact) => {
    const { messageId, media } = fact.data as { messageId: string; media: { key?: string } }
    if (media.key === undefined) return
    await shown(tools, fact.position)
    const erased = await tools.lookups.erasedSubjectOf(company, messageId)
    if (erased === null) return
    const others = await tools.lookups.mediaOfOthers(company, erased, [media.key])
    if (others.length === 0) await tools.media.remove(media.key)
  },
})
