import { setup } from 'xstate'
import type { Ack, HeldBy, MessageAction } from '../../events/message.ts'
import type { TicketOpenFact } from '../../events/ticket.ts'
import { keyMapEntries, keyMapGet, keyMapKeys, keyMapSet, type KeyMap } from '../../shared/keyset.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'
import { latest } from '../latest.ts'
import { mediaAwaited, mediaSettled } from '../unfetched.ts'

/** A message of ours that has not reached its end on our side yet. The oldest goes first. */
export type Unsent = {
  /** The message's, or the action's. */
  readonly messageId: string
  /** Of the `message.queued` or `message.actionQueued` fact, where its words are. */
  readonly revision: number
  readonly sending: { readonly attempt: number; readonly fence: string } | null
  readonly attempts: number
  readonly retries: number
  readonly deadline: string
  readonly notBefore: string | null
  /** We held it back ourselves until then; `null`: the channel did, or nobody. */
  readonly held: HeldBy | null
}

/**
 * A message of ours. `revision`: of its `message.queued` fact, where its body is. `attempts`: how often it was started.
 * `at`: when it was last, in milliseconds: channels that tell how far all messages up to a moment got are read by it.
 */
export type Outbound = {
  readonly ack: Ack
  readonly revision: number
  readonly attempts: number
  /** It is no message, but something that is done to one; `revision` is of its `message.actionQueued`. */
  readonly action?: { readonly type: MessageAction; readonly targetId: string }
  readonly at?: number
}

export type TicketContext = BaseContext & {
  readonly number: number
  readonly sessionId: string
  readonly conversationId: string
  readonly contactId: string
  readonly isGroup: boolean
  readonly queueId: string | null
  readonly userId: string | null
  /** The one who had it when it was closed. */
  readonly lastUserId: string | null
  readonly ordinal: number
  readonly pendingSince: string
  readonly closedAt: string | null
  /** While it is put aside: until when, and the revision of the fact that said so, after which its timer is named. */
  readonly snoozed: { readonly until: string | null; readonly revision: number } | null
  readonly unread: number
  /** When the customer last wrote, by the sender's clock: channels with a window count from there. */
  readonly lastInboundAt: string | null
  /** Messages that came in: what makes a redelivery a duplicate. */
  readonly received: KeyMap<1>
  /** How far each message of ours got, and the revision of its `message.queued` fact, where its body is. */
  readonly outbound: KeyMap<Outbound>
  readonly outbox: readonly Unsent[]
  /** Which conversations of other persons were parted from its own while it lived, by which redirections. */
  readonly partings: readonly string[]
  /** Messages whose media the channel still has to give. */
  readonly unfetched: readonly string[]
}

const initial: TicketContext = {
  ...baseContext,
  number: 0,
  sessionId: '',
  conversationId: '',
  contactId: '',
  isGroup: false,
  queueId: null,
  userId: null,
  lastUserId: null,
  ordinal: 0,
  pendingSince: '',
  closedAt: null,
  snoozed: null,
  unread: 0,
  lastInboundAt: null,
  received: {},
  outbound: {},
  outbox: [],
  partings: [],
  unfetched: [],
}

type Context = TicketContext
const on = factActions<Context, TicketOpenFact>()
const lifecycle = { lifecycle: true }

const outboundOf = (context: Context, messageId: string): Outbound =>
  keyMapGet(context.outbound, messageId) ?? { ack: 'queued', revision: -1, attempts: 0 }
const acked = (
  context: Context,
  messageId: string,
  ack: Ack,
  changes: Partial<Outbound> = {},
): Partial<Context> => ({
  outbound: keyMapSet(context.outbound, messageId, { ...outboundOf(context, messageId), ack, ...changes }),
})
const leaves = (context: Context, messageId: string): Partial<Context> => ({
  outbox: context.outbox.filter(unsent => unsent.messageId !== messageId),
})
const changeUnsent = (
  context: Context,
  messageId: string,
  change: (unsent: Unsent) => Unsent,
): Partial<Context> => ({
  outbox: context.outbox.map(unsent => (unsent.messageId === messageId ? change(unsent) : unsent)),
})
const enters = (context: Context, messageId: string, deadline: string): Partial<Context> => {
  const { revision, attempts } = outboundOf(context, messageId)
  const unsent = {
    messageId,
    revision,
    sending: null,
    attempts,
    retries: 0,
    deadline,
    notBefore: null,
    held: null,
  }
  return { outbox: [...context.outbox, unsent] }
}

/** What was done to a message elsewhere (reaction, edit, revoke) is recognised by the command it came in; what we did, by its own id. */
const knows = (
  context: Context,
  { meta, data }: { meta: { commandId: string }; data: { actionId?: string | undefined } },
): Partial<Context> =>
  data.actionId === undefined ? { received: keyMapSet(context.received, meta.commandId, 1) } : {}

/** Names one parting, for whoever was told of it. */
export const partingOf = (data: { readonly conversationId: string; readonly redirect: number }): string =>
  `${data.conversationId}@${data.redirect}`

/**
 * The ticket's grammar. `ticket.reopened`, `ticket.opened` and `ticket.woken` lead to `open` or `pending` by whether someone owns it.
 * Facts about messages that already exist (acks, edits, media) are legal in every state, closed included.
 */
export const ticketChart = setup({
  types: { context: {} as Context, events: {} as TicketOpenFact },
  guards: {
    owned: ({ event }) =>
      (event.type === 'ticket.opened' || event.type === 'ticket.reopened' || event.type === 'ticket.woken') &&
      event.data.userId !== null,
  },
  actions: {
    open: on(
      'ticket.opened',
      (_, { data, meta }) => ({ ...data, pendingSince: meta.at, lastUserId: data.userId }),
      lifecycle,
    ),
    accept: on(
      'ticket.accepted',
      (_, { data }) => ({ userId: data.userId, lastUserId: data.userId }),
      lifecycle,
    ),
    giveBack: on('ticket.returned', (_, { meta }) => ({ userId: null, pendingSince: meta.at }), lifecycle),
    takeOver: on(
      'ticket.takenOver',
      (_, { data }) => ({ userId: data.userId, lastUserId: data.userId }),
      lifecycle,
    ),
    changeQueue: on('ticket.queueChanged', (_, { data }) => ({ queueId: data.queueId }), lifecycle),
    close: on('ticket.closed', (_, { meta }) => ({ userId: null, closedAt: meta.at, unread: 0 }), lifecycle),
    reopen: on(
      'ticket.reopened',
      (context, { data, meta }) => ({
        userId: data.userId,
        lastUserId: data.userId ?? context.lastUserId,
        ordinal: data.ordinal,
        pendingSince: meta.at,
        closedAt: null,
      }),
      lifecycle,
    ),
    snooze: on(
      'ticket.snoozed',
      (_, { data, revision }) => ({ snoozed: { until: data.until, revision } }),
      lifecycle,
    ),
    wake: on(
      'ticket.woken',
      (_, { data, meta }) => ({
        snoozed: null,
        userId: data.userId,
        ...(data.userId === null ? { pendingSince: meta.at } : { lastUserId: data.userId }),
      }),
      lifecycle,
    ),
    part: on('ticket.parted', ({ partings }, { data }) => ({ partings: [...partings, partingOf(data)] })),
    see: on('ticket.seen', () => ({ unread: 0 })),
    receive: on('message.received', (context, { data }) => ({
      received: keyMapSet(context.received, data.messageId, 1),
      unread: context.unread + 1,
      lastInboundAt: latest(context.lastInboundAt, data.sentAt),
      ...mediaAwaited(context, data),
    })),
    mirror: on('message.mirrored', (context, { data }) => ({
      received: keyMapSet(context.received, data.messageId, 1),
      // Whoever wrote from the company's own phone has read what was there.
      unread: 0,
    })),
    queue: on('message.queued', (context, { data, revision }) => {
      const known = acked(context, data.messageId, 'queued', { revision })
      // What the server says by itself is nobody's having read.
      const unread = data.userId === undefined ? context.unread : 0
      return { ...known, ...enters({ ...context, ...known }, data.messageId, data.deadline), unread }
    }),
    queueAction: on('message.actionQueued', (context, { data, revision }) => {
      const action = { type: data.action, targetId: data.messageId }
      const known = acked(context, data.actionId, 'queued', { revision, action })
      return { ...known, ...enters({ ...context, ...known }, data.actionId, data.deadline) }
    }),
    failAction: on('message.actionFailed'),
    startSending: on('message.sending', (context, { data, meta }) => ({
      ...acked(context, data.messageId, 'sending', { attempts: data.attempt, at: Date.parse(meta.at) }),
      ...changeUnsent(context, data.messageId, unsent => ({
        ...unsent,
        sending: { attempt: data.attempt, fence: data.fence },
        attempts: data.attempt,
      })),
    })),
    defer: on('message.deferred', (context, { data }) => ({
      ...acked(context, data.messageId, 'queued'),
      ...changeUnsent(context, data.messageId, unsent => ({
        ...unsent,
        sending: null,
        retries: data.retries,
        notBefore: data.until,
        held: data.held?.by ?? null,
        deadline: data.held?.deadline ?? unsent.deadline,
      })),
    })),
    sent: on('message.sent', (context, { data }) => ({
      ...acked(context, data.messageId, 'sent'),
      ...leaves(context, data.messageId),
    })),
    delivered: on('message.delivered', (context, { data }) => ({
      ...acked(context, data.messageId, 'delivered'),
      ...leaves(context, data.messageId),
    })),
    read: on('message.read', (context, { data }) => ({
      ...acked(context, data.messageId, 'read'),
      ...leaves(context, data.messageId),
    })),
    played: on('message.played', (context, { data }) => ({
      ...acked(context, data.messageId, 'played'),
      ...leaves(context, data.messageId),
    })),
    fail: on('message.failed', (context, { data }) => ({
      ...acked(context, data.messageId, 'failed'),
      ...leaves(context, data.messageId),
    })),
    loseOutcome: on('message.outcomeUnknown', (context, { data }) => ({
      ...acked(context, data.messageId, 'unknown'),
      ...leaves(context, data.messageId),
    })),
    requeue: on('message.requeued', (context, { data }) => ({
      ...acked(context, data.messageId, 'queued'),
      ...enters(context, data.messageId, data.deadline),
    })),
    storeMedia: on('message.mediaStored', mediaSettled),
    failMedia: on('message.mediaFailed', mediaSettled),
    decipher: on('message.deciphered', (context, { meta, data }) => ({
      received: keyMapSet(context.received, meta.commandId, 1),
      ...mediaAwaited(context, data),
    })),
    react: on('message.reacted', knows),
    edit: on('message.edited', knows),
    revoke: on('message.revoked', knows),
  },
}).createMachine({
  id: 'ticket',
  context: initial,
  initial: 'absent',
  states: {
    absent: {
      on: {
        'ticket.opened': [
          { guard: 'owned', target: 'existing.live.open', actions: 'open' },
          { target: 'existing.live.pending', actions: 'open' },
        ],
      },
    },
    existing: {
      initial: 'live',
      on: {
        'message.actionQueued': { actions: 'queueAction' },
        'message.actionFailed': { actions: 'failAction' },
        'message.sending': { actions: 'startSending' },
        'message.deferred': { actions: 'defer' },
        'message.sent': { actions: 'sent' },
        'message.delivered': { actions: 'delivered' },
        'message.read': { actions: 'read' },
        'message.played': { actions: 'played' },
        'message.failed': { actions: 'fail' },
        'message.outcomeUnknown': { actions: 'loseOutcome' },
        'message.requeued': { actions: 'requeue' },
        'message.mediaStored': { actions: 'storeMedia' },
        'message.mediaFailed': { actions: 'failMedia' },
        'message.deciphered': { actions: 'decipher' },
        'message.reacted': { actions: 'react' },
        'message.edited': { actions: 'edit' },
        'message.revoked': { actions: 'revoke' },
      },
      states: {
        live: {
          initial: 'pending',
          on: {
            'message.received': { actions: 'receive' },
            'message.mirrored': { actions: 'mirror' },
            'message.queued': { actions: 'queue' },
            'ticket.seen': { actions: 'see' },
            'ticket.parted': { actions: 'part' },
            'ticket.queueChanged': { actions: 'changeQueue' },
          },
          states: {
            pending: {
              on: {
                'ticket.accepted': { target: 'open', actions: 'accept' },
                'ticket.closed': { target: '#ticket.existing.closed', actions: 'close' },
              },
            },
            open: {
              on: {
                'ticket.returned': { target: 'pending', actions: 'giveBack' },
                'ticket.takenOver': { actions: 'takeOver' },
                'ticket.snoozed': { target: 'snoozed', actions: 'snooze' },
                'ticket.closed': { target: '#ticket.existing.closed', actions: 'close' },
              },
            },
            // Left in one way only, so that whoever keeps its timer has one fact to listen to.
            snoozed: {
              on: {
                'ticket.snoozed': { actions: 'snooze' },
                'ticket.woken': [
                  { guard: 'owned', target: 'open', actions: 'wake' },
                  { target: 'pending', actions: 'wake' },
                ],
              },
            },
          },
        },
        closed: {
          on: {
            'ticket.reopened': [
              { guard: 'owned', target: 'live.open', actions: 'reopen' },
              { target: 'live.pending', actions: 'reopen' },
            ],
          },
        },
      },
    },
  },
})

export const ticketKind = { type: 'ticket', chart: ticketChart } as const satisfies Kind
export type TicketState = ReturnType<typeof ticketChart.getInitialSnapshot>

export const isLive = (ticket: TicketState): boolean => ticket.matches({ existing: 'live' })
export const isOpen = (ticket: TicketState): boolean => ticket.matches({ existing: { live: 'open' } })
export const isSnoozed = (ticket: TicketState): boolean => ticket.matches({ existing: { live: 'snoozed' } })
export const isPending = (ticket: TicketState): boolean => ticket.matches({ existing: { live: 'pending' } })
export const isClosed = (ticket: TicketState): boolean => ticket.matches({ existing: 'closed' })
export const isAbsent = (ticket: TicketState): boolean => ticket.matches('absent')
export const hasReceived = (ticket: TicketState, messageId: string): boolean =>
  keyMapGet(ticket.context.received, messageId) !== undefined
/** How often a message of ours was started to be sent. */
export const attemptsOf = (ticket: TicketState, messageId: string): number =>
  keyMapGet(ticket.context.outbound, messageId)?.attempts ?? 0
export const ackOf = (ticket: TicketState, messageId: string): Ack | undefined =>
  keyMapGet(ticket.context.outbound, messageId)?.ack

/** What is done to which message, if this is the id of an action of ours and not of a message. */
export const actionOf = (ticket: TicketState, id: string): Outbound['action'] =>
  keyMapGet(ticket.context.outbound, id)?.action
/** How far a message that we wrote got; nothing for actions. */
export const ownMessageAck = (ticket: TicketState, messageId: string): Ack | undefined =>
  actionOf(ticket, messageId) ? undefined : ackOf(ticket, messageId)
/** Whether the ticket has this message, whoever wrote it. */
export const hasMessage = (ticket: TicketState, messageId: string): boolean =>
  hasReceived(ticket, messageId) || ownMessageAck(ticket, messageId) !== undefined
/** Revision of the fact in which the words of something of ours are. */
export const queuedRevisionOf = (ticket: TicketState, id: string): number | undefined =>
  keyMapGet(ticket.context.outbound, id)?.revision
/** Ids of what we did to a message, in no order. */
export const actionsOn = (ticket: TicketState, targetId: string): string[] =>
  keyMapKeys(ticket.context.outbound).filter(id => actionOf(ticket, id)?.targetId === targetId)
/** All messages of ours, without what we did to messages, in the order in which they were queued. */
export const outboundOfTicket = (
  ticket: TicketState,
): readonly (Outbound & { readonly messageId: string })[] =>
  keyMapEntries(ticket.context.outbound)
    .filter(([, outbound]) => outbound.action === undefined)
    .map(([messageId, outbound]) => ({ messageId, ...outbound }))
    .sort((a, b) => a.revision - b.revision)

const AWAY: readonly Ack[] = ['sent', 'delivered', 'read', 'played', 'unknown']
/** Whether anything that we wrote in it left us, as far as we know. */
export const reachedAnybody = (ticket: TicketState): boolean =>
  keyMapEntries(ticket.context.outbound).some(([, { ack }]) => AWAY.includes(ack))
