import { z } from 'zod'
import { fact, personalFact, type FactOf, type OpenFactOf } from './define.ts'
import { messageEvents } from './message.ts'
import { ticketOpening } from './ticket.ts'

/** A way to reach or recognise someone on a channel. Nothing in the product requires a phone number. */
export const ADDRESS_KINDS = ['phone', 'lid', 'bsuid', 'username', 'psid', 'group'] as const
export const channelAddress = z.object({ kind: z.enum(ADDRESS_KINDS), value: z.string().min(1).max(256) })
export type ChannelAddress = z.output<typeof channelAddress>

export const conversationEvents = {
  /** First sign of one contact (or group) on one session. `address`: what the provider gave, and where replies go. */
  'conversation.started': personalFact(
    { sessionId: z.uuid(), contactId: z.uuid(), isGroup: z.boolean(), addressesHash: z.string() },
    { addresses: z.array(channelAddress).min(1) },
  ),
  /** The provider gave other addresses for the same chat; replies go to the first. */
  'conversation.addressesChanged': personalFact(
    { addressesHash: z.string() },
    { addresses: z.array(channelAddress).min(1) },
  ),
  /**
   * The conversation's one live ticket from now on. Carries the opening facts, so that whoever comes next can complete
   * a claim whose ticket was never written. `reopen`: an earlier ticket lives again.
   */
  'conversation.ticketClaimed': fact({
    ticketId: z.uuid(),
    ordinal: z.int().positive(),
    reopen: z.boolean(),
    opening: z.object(ticketOpening),
  }),
  /** The ticket is over. `messageIds`: every message it knows, so that a redelivery is recognised for ever. */
  'conversation.ticketReleased': fact({
    ticketId: z.uuid(),
    ordinal: z.int().positive(),
    closedAt: z.iso.datetime(),
    queueId: z.uuid().nullable(),
    userId: z.uuid().nullable(),
    messageIds: z.array(z.uuid()),
  }),
  /**
   * The ticket lives under a later claim of another conversation: this one was to be joined to it, or it to this one. `messageIds`: every
   * message the ticket knows.
   */
  'conversation.claimDropped': fact({ ticketId: z.uuid(), messageIds: z.array(z.uuid()) }),
  /** More message ids than one fact holds: of a released ticket, or handed over by another conversation (its id then). */
  'conversation.messagesRemembered': fact({ ticketId: z.uuid(), messageIds: z.array(z.uuid()) }),
  /**
   * Another conversation of the same person on the same session comes to an end in this one. `messageIds`: all it knows, so that
   * a redelivery is recognised here; `ordinal`: how many claims there were, counted on; `last`: its latest ticket, if that one
   * was closed after this one's.
   */
  'conversation.absorbed': fact({
    conversationId: z.uuid(),
    ordinal: z.int().nonnegative(),
    lastInboundAt: z.iso.datetime().nullable(),
    last: z
      .object({
        ticketId: z.uuid(),
        closedAt: z.iso.datetime(),
        queueId: z.uuid().nullable(),
        userId: z.uuid().nullable(),
        opening: z.object(ticketOpening),
      })
      .nullable(),
    messageIds: z.array(z.uuid()),
  }),
  /** Writers go there instead: the same person turned out to write from here too. A live ticket lives on there. */
  'conversation.redirected': fact({ to: z.uuid() }),
  /**
   * Two people after all: whoever was led here from `conversationId` by its redirection of revision `redirect` writes here no more,
   * nor into the ticket that was live then. What is known up to here is handed over with `conversation.restored`.
   */
  'conversation.parted': fact({
    conversationId: z.uuid(),
    redirect: z.int().nonnegative(),
    ticketId: z.uuid().nullable(),
  }),
  /** Two people after all: writers come here again. `messageIds`: what came in there meanwhile. */
  'conversation.restored': fact({ from: z.uuid(), messageIds: z.array(z.uuid()) }),
  /** The contact was erased, and somebody wrote from the same address: another contact from now on, without a past. */
  'conversation.contactReplaced': personalFact(
    { contactId: z.uuid(), addressesHash: z.string() },
    { addresses: z.array(channelAddress).min(1) },
  ),
  ...messageEvents,
} as const

export type ConversationEvent = FactOf<typeof conversationEvents>
export type ConversationOpenFact = OpenFactOf<typeof conversationEvents>
