import { z } from 'zod'
import { channelAddress } from './conversation.ts'
import { fact, personalFact, revised, type FactOf, type OpenFactOf } from './define.ts'

/** Why a person was erased: a closed set, because free text would be about the person. */
export const ERASURE_REASONS = ['requested', 'retention', 'mistake', 'restored'] as const

/** Why two contacts are one person: the channel said that an address is theirs, or somebody of the company did. */
export const MERGE_REASONS = ['same-address', 'user'] as const

/**
 * Who calls a person so, the weakest first: themselves on the channel, the company's address book in its phone, somebody of the
 * company here. All are kept; the strongest that is known is shown.
 */
export const NAME_SOURCES = ['channel', 'address-book', 'user'] as const
export type NameSource = (typeof NAME_SOURCES)[number]
const nameSource = z.enum(NAME_SOURCES)

/** Whether a name from there takes the place of one from here. */
export const outranks = (source: NameSource, shown: NameSource): boolean =>
  NAME_SOURCES.indexOf(source) >= NAME_SOURCES.indexOf(shown)

// Version 2 of what names a person: the address book is told from what people call themselves.
export const contactEvents = {
  'contact.created': revised(
    personalFact(
      { isGroup: z.boolean(), nameHash: z.string().nullable(), source: nameSource },
      {
        name: z.string().nullable(),
        phone: z.string().nullable(),
        email: z.string().nullable(),
        addresses: z.array(channelAddress),
      },
    ),
    2,
    { 1: data => ({ ...data }) },
  ),
  /** Another address of the same person was learnt; its alias stream was claimed first. */
  'contact.aliasAdded': personalFact({ aliasId: z.uuid() }, { address: channelAddress }),
  /** How the source calls the person from now on; shown unless a stronger one calls them something. */
  'contact.renamed': revised(
    personalFact({ nameHash: z.string(), source: nameSource }, { name: z.string() }),
    2,
    {
      1: data => ({ ...data }),
    },
  ),
  /** `null` clears the field. */
  'contact.changed': personalFact(
    { fields: z.array(z.string()) },
    { email: z.string().nullable().optional() },
  ),
  'contact.blocked': fact({ userId: z.uuid() }),
  'contact.unblocked': fact({ userId: z.uuid() }),
  /**
   * From now on nobody is this contact. What follows (key, aliases, tickets, files, dead letters) is a reaction's work
   * and ends with `contact.erasureCompleted`. `aliasIds`: keyed hashes of every address; `userId` null: the server itself,
   * after a restore.
   */
  'contact.erased': fact({
    userId: z.uuid().nullable(),
    reason: z.enum(ERASURE_REASONS),
    aliasIds: z.array(z.uuid()),
  }),
  /**
   * Shown by itself no more: this is the same person as `intoId`, whose history holds this one's from now on. Nothing of the
   * past is written anew: whoever comes to this contact goes on to that one, until it is unmerged. `formerId`: whom it was merged
   * into before, where that one was merged itself. `userId` null: the channel said it of one address that both are known by.
   */
  'contact.merged': fact({
    intoId: z.uuid(),
    formerId: z.uuid().nullable(),
    userId: z.uuid().nullable(),
    reason: z.enum(MERGE_REASONS),
  }),
  /** Every conversation of both is joined: what came about meanwhile is shown with that contact too. */
  'contact.mergeCompleted': fact({
    intoId: z.uuid(),
    conversationsJoined: z.int().nonnegative(),
    ticketsClosed: z.int().nonnegative(),
  }),
  /** A contact by itself again. What was written meanwhile stays where it is. */
  'contact.unmerged': fact({ fromId: z.uuid(), userId: z.uuid().nullable(), blocked: z.boolean() }),
  /** The other side of `contact.merged`: who else this person is, and what was known of them, sealed with that one's own key. */
  'contact.absorbed': personalFact(
    { contactId: z.uuid(), blocked: z.boolean(), nameSource },
    {
      name: z.string().nullable(),
      phone: z.string().nullable(),
      email: z.string().nullable(),
      addresses: z.array(channelAddress),
    },
  ),
  /** The other side of `contact.unmerged`, or of having been merged into somebody else. */
  'contact.parted': fact({ contactId: z.uuid() }),
  /** The key is gone and so is what lay outside the log: nothing written after this can be about them. */
  'contact.erasureCompleted': fact({
    filesRemoved: z.int().nonnegative(),
    lettersErased: z.int().nonnegative(),
    ticketsClosed: z.int().nonnegative(),
  }),
} as const
export type ContactEvent = FactOf<typeof contactEvents>
export type ContactOpenFact = OpenFactOf<typeof contactEvents>

/** One alias (address of a person within a company) belongs to one contact at a time: who claims it first has it. */
export const aliasEvents = {
  'alias.claimed': fact({ contactId: z.uuid() }),
  /** The contact was erased: whoever writes from this address next is somebody new. */
  'alias.released': fact({ contactId: z.uuid() }),
} as const
export type AliasEvent = FactOf<typeof aliasEvents>
export type AliasOpenFact = OpenFactOf<typeof aliasEvents>
