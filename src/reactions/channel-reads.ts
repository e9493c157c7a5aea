import { conversationKind } from '../actors/conversation/chart.ts'
import type { Directory } from '../actors/directory.ts'
import type { RecordedEvent, RecordedOf } from '../events/all.ts'
import { decode, type DataKeys } from '../eventstore/codec.ts'
import type { EventStore } from '../eventstore/port.ts'
import { streamName } from '../eventstore/streams.ts'
import type { ChannelAddress } from '../events/conversation.ts'
import type { CompanyId } from '../shared/ids.ts'

/** What the session's jobs read from the log: bodies and addresses are nowhere else, and only opened here. */
export type ChannelReads = {
  /** The fact with this revision of a ticket's stream, opened. */
  fact(company: CompanyId, ticketId: string, revision: number): Promise<RecordedEvent | null>
  /** Where replies of a conversation go; `null` once the person was erased. */
  addresses(company: CompanyId, conversationId: string): Promise<readonly ChannelAddress[] | null>
  /** The channel's id of a message of this ticket, to quote it; `null` if it is too far back or was erased. */
  providerId(company: CompanyId, ticketId: string, messageId: string): Promise<string | null>
  /** Provider ids of the messages that came in before a revision and were not seen before, newest first. */
  unseenBefore(company: CompanyId, ticketId: string, revision: number): Promise<readonly string[]>
}

const SEEN_AT_ONCE_MAX = 100
/** How far back a quoted message is looked for. */
const QUOTED_BACK_MAX = 2_000

export const channelReads = (tools: {
  readonly store: EventStore
  readonly keys: Pick<DataKeys, 'get'>
  readonly directory: Directory
}): ChannelReads => {
  const { store, keys, directory } = tools
  const factAt = async (stream: string, revision: number): Promise<RecordedEvent | null> => {
    for await (const event of store.readStream(stream, { from: revision, limit: 1 }))
      return decode(event, keys)
    return null
  }
  return {
    fact: (company, id, revision) => factAt(streamName({ company, type: 'ticket', id }), revision),
    addresses: async (company, id) => {
      const { state } = await directory.state(conversationKind, { company, id }, Number.POSITIVE_INFINITY)
      const stream = streamName({ company, type: 'conversation', id })
      const fact = await factAt(stream, state.context.addressesRevision)
      if (
        fact?.type !== 'conversation.started' &&
        fact?.type !== 'conversation.addressesChanged' &&
        fact?.type !== 'conversation.contactReplaced'
      )
        return null
      return fact.data.personal?.addresses ?? null
    },
    providerId: async (company, id, messageId) => {
      const stream = streamName({ company, type: 'ticket', id })
      for await (const event of store.readStream(stream, {
        direction: 'backwards',
        limit: QUOTED_BACK_MAX,
      })) {
        if (event.type !== 'message.received' && event.type !== 'message.sent') continue
        if (event.data['messageId'] !== messageId) continue
        const fact = (await decode(event, keys)) as RecordedOf<'message.received' | 'message.sent'>
        return fact.data.personal?.providerMessageId ?? null
      }
      return null
    },
    unseenBefore: async (company, id, revision) => {
      const stream = streamName({ company, type: 'ticket', id })
      const ids: string[] = []
      const options = { from: revision - 1, direction: 'backwards', limit: SEEN_AT_ONCE_MAX } as const
      for await (const event of store.readStream(stream, options)) {
        if (event.type === 'ticket.seen') break
        if (event.type !== 'message.received') continue
        const { data } = (await decode(event, keys)) as RecordedOf<'message.received'>
        if (data.personal) ids.push(data.personal.providerMessageId)
      }
      return ids
    },
  }
}
