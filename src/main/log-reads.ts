import type { RecordedEvent } from '../events/all.ts'
import type { ChannelAddress } from '../events/conversation.ts'
import { decode, type DataKeys } from '../eventstore/codec.ts'
import type { EventStore } from '../eventstore/port.ts'
import { streamName, type Address } from '../eventstore/streams.ts'

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
      for await (const fact of facts({ company: companyId, type: 'contact', id: contactId } as Address)) {
        if (fact.type === 'contact.created') addresses = [...(fact.data.personal?.addresses ?? [])]
        if (fact.type === 'contact.aliasAdded' && fact.data.personal)
          addresses?.push(fact.data.personal.address)
      }
      return addresses
    },
  }
}

export type LogReads = ReturnType<typeof logReads>
