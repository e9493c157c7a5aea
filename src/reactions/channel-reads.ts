import { conversationKind } from '../actors/conversation/chart.ts'
import type { Directory } from '../actors/directory.ts'
import { messageReads, type MessageReads } from '../commands/message/read-message.ts'
import type { RecordedEvent, RecordedOf } from '../events/all.ts'
import { decode, type DataKeys } from '../eventstore/codec.ts'
import type { EventStore } from '../eventstore/port.ts'
import { streamName } from '../eventstore/streams.ts'
import type { ChannelAddress } from '../events/conversation.ts'
import type { MessageKey } from '../providers/provider.ts'
import type { CompanyId } from '../shared/ids.ts'

/** What the session's jobs read from the log: bodies and addresses are nowhere else, and only opened here. */
export type ChannelReads = {
  /** The fact with this revision of a ticket's stream, opened. */
  fact(company: CompanyId, ticketId: string, revision: number): Promise<RecordedEvent | null>
  /** A message of this ticket, with all that came to it after it was written. */
  readonly message: MessageReads['message']
  /** Where replies of a conversation go; `null` once the person was erased. */
  addresses(company: CompanyId, conversationId: string): Promise<readonly ChannelAddress[] | null>
  /** A message of this ticket as the channel knows it, to quote or change it; `null` if it is too far back, was never sent, or was erased. */
  messageKey(
    company: CompanyId,
    ticketId: string,
    messageId: string,
    isGroup: boolean,
  ): Promise<MessageKey | null>
  /** Provider ids of the messages that came in before a revision and were not seen before, newest first. */
  unseenBefore(company: CompanyId, ticketId: string, revision: number): Promise<readonly string[]>
}

const SEEN_AT_ONCE_MAX = 100

export const channelReads = (tools: {
  readonly store: EventStore
  readonly keys: Pick<DataKeys, 'get'>
  readonly directory: Directory
}): ChannelReads => {
  const { store, keys, directory } = tools
  const messages = messageReads(store, keys)
  const factAt = async (stream: string, revision: number): Promise<RecordedEvent | null> => {
    for await (const event of store.readStream(stream, { from: revision, limit: 1 }))
      return decode(event, keys)
    return null
  }
  const contactAddresses = async (company: CompanyId, id: string): Promise<ChannelAddress[]> => {
    const found: ChannelAddress[] = []
    for await (const event of store.readStream(streamName({ company, type: 'contact', id }))) {
      if (event.type !== 'contact.created' && event.type !== 'contact.aliasAdded') continue
      const { data } = (await decode(event, keys)) as RecordedOf<'contact.created' | 'contact.aliasAdded'>
      if (data.personal)
        found.push(...('address' in data.personal ? [data.personal.address] : data.personal.addresses))
    }
    return found
  }
  return {
    fact: messages.fact,
    message: messages.message,
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
    messageKey: async (company, ticketId, messageId, isGroup) => {
      const found = await messages.message(company, ticketId, messageId)
      if (!found || found.providerMessageId === null) return null
      const { providerMessageId, fromMe, authorId } = found
      // Only a group's channel has to be told who wrote it.
      const author = isGroup && authorId !== null ? await contactAddresses(company, authorId) : null
      return { providerMessageId, fromMe, ...(author ? { author } : {}) }
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
