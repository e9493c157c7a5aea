import { z } from 'zod'
import { channelAddress } from './conversation.ts'
import { fact, personalFact, type FactOf, type OpenFactOf } from './define.ts'

export const contactEvents = {
  'contact.created': personalFact(
    { isGroup: z.boolean(), nameHash: z.string().nullable(), source: z.enum(['channel', 'user']) },
    {
      name: z.string().nullable(),
      phone: z.string().nullable(),
      email: z.string().nullable(),
      addresses: z.array(channelAddress),
    },
  ),
  /** Another address of the same person was learnt; its alias stream was claimed first. */
  'contact.aliasAdded': personalFact({ aliasId: z.uuid() }, { address: channelAddress }),
  /** `channel`: the name the person gave on the channel. It never overwrites a name that a user gave. */
  'contact.renamed': personalFact(
    { nameHash: z.string(), source: z.enum(['channel', 'user']) },
    { name: z.string() },
  ),
  /** `null` clears the field. */
  'contact.changed': personalFact(
    { fields: z.array(z.string()) },
    { email: z.string().nullable().optional() },
  ),
  'contact.blocked': fact({ userId: z.uuid() }),
  'contact.unblocked': fact({ userId: z.uuid() }),
} as const
export type ContactEvent = FactOf<typeof contactEvents>
export type ContactOpenFact = OpenFactOf<typeof contactEvents>

/** One alias (address of a person within a company) belongs to one contact: its stream is claimed with no-stream. */
export const aliasEvents = {
  'alias.claimed': fact({ contactId: z.uuid() }),
} as const
export type AliasEvent = FactOf<typeof aliasEvents>
export type AliasOpenFact = OpenFactOf<typeof aliasEvents>
