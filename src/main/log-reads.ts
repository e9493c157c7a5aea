import type { ContactCard } from '../commands/tools.ts'
import type { RecordedEvent, RecordedOf } from '../events/all.ts'
import { outranks } from '../events/contact.ts'
import type { ChannelAddress } from '../events/conversation.ts'
import { decode, type DataKeys } from '../eventstore/codec.ts'
import type { EventStore } from '../eventstore/port.ts'
import { streamName, type Address } from '../eventstore/streams.ts'
import type { CompanyId } from '../shared/ids.ts'

/** Small questions that are answered from one stream of the log, so that they need no read model. */
export const logReads = (store: EventStore, keys: Pick<DataKeys, 'get'>) => {
  const facts = async function* (address: Address): AsyncGenerator<RecordedEvent> {
    for await (const event of store.readStream(streamName(address))) yield decode(event, keys)
  }
  return {
    companyName: async (companyId: string): Promise<string | null> => {
      const address = { company: companyId, type: 'company', id: companyId } as Address
      for await (const fact of facts(address)) if (fact.type === 'company.created') return fact.data.name
      return null
    },
    userName: async (companyId: string, userId: string): Promise<string | null> => {
      let name: string | null = null
      for await (const fact of facts({ company: companyId, type: 'user', id: userId } as Address))
        if (fact.type === 'user.created' || fact.type === 'user.changed')
          name = fact.data.personal?.name ?? name
      return name
    },
    userEmails: async (companyId: string, userId: string): Promise<string[]> => {
      const emails: string[] = []
      for await (const fact of facts({ company: companyId, type: 'user', id: userId } as Address))
        if ((fact.type === 'user.created' || fact.type === 'user.changed') && fact.data.personal?.email)
          emails.push(fact.data.personal.email)
      return emails
    },
    deadLetter: async (
      companyId: string,
      id: string,
    ): Promise<{ sessionId: string | null; payload: string | null } | null> => {
      for await (const fact of facts({ company: companyId, type: 'deadletter', id } as Address)) {
        if (fact.type !== 'deadLetter.recorded') return null
        return { sessionId: fact.data.sessionId, payload: fact.data.personal?.payload ?? null }
      }
      return null
    },
    contactAddresses: async (companyId: string, contactId: string): Promise<ChannelAddress[] | null> => {
      let addresses: ChannelAddress[] | null = null
      const others = new Map<string, readonly ChannelAddress[]>()
      for await (const fact of facts({ company: companyId, type: 'contact', id: contactId } as Address)) {
        if (fact.type === 'contact.created') addresses = [...(fact.data.personal?.addresses ?? [])]
        if (fact.type === 'contact.aliasAdded' && fact.data.personal)
          addresses?.push(fact.data.personal.address)
        if (fact.type === 'contact.absorbed')
          others.set(fact.data.contactId, fact.data.personal?.addresses ?? [])
        if (fact.type === 'contact.parted') others.delete(fact.data.contactId)
      }
      return addresses && [...addresses, ...[...others.values()].flat()]
    },
    contactCard: async (companyId: string, contactId: string): Promise<ContactCard | null> => {
      let card: ContactCard | null = null
      for await (const fact of facts({ company: companyId, type: 'contact', id: contactId } as Address)) {
        if (fact.type === 'contact.created')
          card = fact.data.personal && { ...fact.data.personal, nameSource: fact.data.source }
        if (card) card = cardAfter(card, fact)
      }
      return card
    },
    conversationAddresses: async (
      companyId: string,
      id: string,
      revision: number,
    ): Promise<readonly ChannelAddress[] | null> => {
      const stream = streamName({ company: companyId as CompanyId, type: 'conversation', id })
      for await (const event of store.readStream(stream, { from: revision, limit: 1 })) {
        const { data } = (await decode(event, keys)) as RecordedOf<'conversation.addressesChanged'>
        return data.personal?.addresses ?? null
      }
      return null
    },
  }
}

/** A contact after one more fact, as far as its card tells. */
const cardAfter = (card: ContactCard, fact: RecordedEvent): ContactCard => {
  if (fact.type === 'contact.aliasAdded' && fact.data.personal) {
    const { address } = fact.data.personal
    return {
      ...card,
      addresses: [...card.addresses, address],
      phone: card.phone ?? (address.kind === 'phone' ? address.value : null),
    }
  }
  if (fact.type === 'contact.renamed' && fact.data.personal) {
    const { source, personal } = fact.data
    return card.name === null || outranks(source, card.nameSource)
      ? { ...card, name: personal.name, nameSource: source }
      : card
  }
  if (fact.type === 'contact.changed' && fact.data.personal?.email !== undefined)
    return { ...card, email: fact.data.personal.email }
  return card
}

export type LogReads = ReturnType<typeof logReads>
