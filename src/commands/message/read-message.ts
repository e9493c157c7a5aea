import type { RecordedEvent, RecordedOf } from '../../events/all.ts'
import type { MessageKind } from '../../events/message.ts'
import { decode, type DataKeys } from '../../eventstore/codec.ts'
import type { EventStore, StoredEvent } from '../../eventstore/port.ts'
import { streamName } from '../../eventstore/streams.ts'
import type { CompanyId } from '../../shared/ids.ts'

/** How far back in a ticket a message is looked for. */
const BACK_MAX = 20_000

type Creation = RecordedOf<'message.received' | 'message.mirrored' | 'message.queued'>
type Media = RecordedOf<'message.mediaStored'>['data']['media']
type Personal = NonNullable<Creation['data']['personal']>

/** A message as its ticket's facts tell it. `personal` is `null` once the person was erased. */
export type KnownMessage = {
  readonly kind: MessageKind
  readonly fromMe: boolean
  /** Who wrote it, if that was no one of ours. */
  readonly authorId: string | null
  readonly at: string
  /** As last edited. */
  readonly personal: Personal | null
  readonly media: Media | null
  /** The channel's id of it; `null` while it was not sent. */
  readonly providerMessageId: string | null
  readonly deleted: boolean
}

/** What is asked of messages as they stand in the log: their words are nowhere else, and only opened here. */
export type MessageReads = {
  /** The fact with this revision of a ticket's stream, opened. */
  fact(company: CompanyId, ticketId: string, revision: number): Promise<RecordedEvent | null>
  /** `null`: this ticket has no such message, or too far back. */
  message(company: CompanyId, ticketId: string, messageId: string): Promise<KnownMessage | null>
  /** The channel's id of something that we sent, message or action; `null` while it was not. */
  sentId(company: CompanyId, ticketId: string, id: string): Promise<string | null>
}

/** What came after a message was written, newest first. */
type Later = {
  kind?: MessageKind
  mediaName?: string
  mediaAddress?: string
  body?: string
  media?: Media
  providerMessageId?: string
  deleted?: boolean
}

export const messageReads = (store: EventStore, keys: Pick<DataKeys, 'get'>): MessageReads => {
  const back = async function* (company: CompanyId, id: string, about: string): AsyncGenerator<StoredEvent> {
    const stream = streamName({ company, type: 'ticket', id })
    for await (const event of store.readStream(stream, { direction: 'backwards', limit: BACK_MAX }))
      if (event.data['messageId'] === about) yield event
  }
  return {
    fact: async (company, id, revision) => {
      const stream = streamName({ company, type: 'ticket', id })
      for await (const event of store.readStream(stream, { from: revision, limit: 1 }))
        return decode(event, keys)
      return null
    },
    message: async (company, ticketId, messageId) => {
      const later: Later = {}
      for await (const event of back(company, ticketId, messageId)) {
        if (!TELLING.has(event.type)) continue
        const fact = await decode(event, keys)
        if (isCreation(fact)) return known(fact, later)
        note(later, fact)
      }
      return null
    },
    sentId: async (company, ticketId, id) => {
      for await (const event of back(company, ticketId, id)) {
        if (event.type !== 'message.sent') continue
        const { data } = (await decode(event, keys)) as RecordedOf<'message.sent'>
        return data.personal?.providerMessageId ?? null
      }
      return null
    },
  }
}

const CREATIONS: readonly string[] = ['message.received', 'message.mirrored', 'message.queued']
const TELLING = new Set([
  ...CREATIONS,
  'message.deciphered',
  'message.edited',
  'message.revoked',
  'message.mediaStored',
  'message.sent',
])

const isCreation = (fact: RecordedEvent): fact is Creation => CREATIONS.includes(fact.type)

/** Read backwards, the first word is the last one said. */
const note = (later: Later, fact: RecordedEvent): void => {
  if (fact.type === 'message.edited' && fact.data.personal) later.body ??= fact.data.personal.body
  if (fact.type === 'message.deciphered') noteDeciphered(later, fact)
  if (fact.type === 'message.revoked') later.deleted = true
  if (fact.type === 'message.mediaStored') later.media ??= fact.data.media
  if (fact.type === 'message.sent' && fact.data.personal)
    later.providerMessageId ??= fact.data.personal.providerMessageId
}

const noteDeciphered = (later: Later, { data }: RecordedOf<'message.deciphered'>): void => {
  later.kind = data.kind
  if (data.media) later.media ??= data.media
  if (data.personal) later.body ??= data.personal.body
  if (data.personal?.mediaName !== undefined) later.mediaName = data.personal.mediaName
  if (data.personal?.mediaAddress !== undefined) later.mediaAddress = data.personal.mediaAddress
}

const known = (fact: Creation, later: Later): KnownMessage => {
  const { personal } = fact.data
  const own = personal && 'providerMessageId' in personal ? personal.providerMessageId : undefined
  return {
    kind: later.kind ?? fact.data.kind,
    fromMe: fact.type !== 'message.received',
    authorId: fact.type === 'message.received' ? fact.data.authorId : null,
    at: fact.meta.at,
    personal: personal && {
      ...personal,
      ...(later.body === undefined ? {} : { body: later.body }),
      ...(later.mediaName === undefined ? {} : { mediaName: later.mediaName }),
      ...(later.mediaAddress === undefined ? {} : { mediaAddress: later.mediaAddress }),
    },
    media: later.media ?? fact.data.media ?? null,
    providerMessageId: own ?? later.providerMessageId ?? null,
    deleted: later.deleted ?? false,
  }
}
