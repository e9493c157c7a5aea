import { setup } from 'xstate'
import type { ConversationOpenFact } from '../../events/conversation.ts'
import { keyMapSet, type KeyMap } from '../../shared/keyset.ts'
import { baseContext, factActions, type BaseContext, type Kind } from '../kind.ts'
import { latest } from '../latest.ts'
import { mediaAwaited, mediaSettled } from '../unfetched.ts'

type Opening = Extract<ConversationOpenFact, { type: 'conversation.ticketClaimed' }>['data']['opening']

export type Claim = {
  readonly ticketId: string
  readonly ordinal: number
  /** The ticket existed before and lives again. */
  readonly reopen: boolean
  readonly opening: Opening
}

export type Parting = { readonly redirect: number; readonly ticketId: string | null }

export type ConversationContext = BaseContext & {
  readonly sessionId: string
  readonly contactId: string
  readonly isGroup: boolean
  /** Revision of the fact that holds the addresses to reply to. */
  readonly addressesRevision: number
  readonly addressesHash: string | null
  /** How many claims there have been: the next ticket's id is derived from it. */
  readonly ordinal: number
  readonly live: Claim | null
  readonly last: {
    readonly ticketId: string
    readonly closedAt: string
    readonly queueId: string | null
    readonly userId: string | null
    readonly opening: Opening
  } | null
  readonly redirectedTo: string | null
  /** Revision of the fact that led away from here last; -1 if none did. */
  readonly redirectedAt: number
  /** Conversations that were parted from this one: by which redirection nobody writes here any more, and what was live then. */
  readonly parted: { readonly [conversationId: string]: Parting }
  /** When the customer last wrote something that went into no ticket, by the sender's clock. */
  readonly lastInboundAt: string | null
  /** Every message of tickets that are over, and those that never had a ticket. */
  readonly received: KeyMap<1>
  /** Messages without a ticket whose media the channel still has to give. */
  readonly unfetched: readonly string[]
}

const initial: ConversationContext = {
  ...baseContext,
  sessionId: '',
  contactId: '',
  isGroup: false,
  addressesRevision: -1,
  addressesHash: null,
  ordinal: 0,
  live: null,
  last: null,
  redirectedTo: null,
  redirectedAt: -1,
  parted: {},
  lastInboundAt: null,
  received: {},
  unfetched: [],
}

type Context = ConversationContext
const on = factActions<Context, ConversationOpenFact>()

const withReceived = (context: Context, ids: readonly string[]): Partial<Context> => ({
  received: ids.reduce((map, id) => keyMapSet(map, id, 1 as const), context.received),
})

/**
 * The grammar of a conversation: it has at most one live ticket, because a claim is only legal while there is none.
 * Messages without a ticket are its own facts.
 */
export const conversationChart = setup({
  types: { context: {} as Context, events: {} as ConversationOpenFact },
  actions: {
    start: on('conversation.started', (_, { data, revision }) => ({ ...data, addressesRevision: revision })),
    changeAddresses: on('conversation.addressesChanged', (_, { data, revision }) => ({
      addressesRevision: revision,
      addressesHash: data.addressesHash,
    })),
    replaceContact: on('conversation.contactReplaced', (_, { data, revision }) => ({
      contactId: data.contactId,
      addressesHash: data.addressesHash,
      addressesRevision: revision,
      last: null,
    })),
    // A ticket that comes from another conversation brings its own ordinal.
    claim: on('conversation.ticketClaimed', ({ ordinal }, { data }) => ({
      live: data,
      ordinal: Math.max(ordinal, data.ordinal),
    })),
    release: on('conversation.ticketReleased', (context, { data }) => ({
      ...withReceived(context, data.messageIds),
      last: context.live
        ? {
            ticketId: data.ticketId,
            closedAt: data.closedAt,
            queueId: data.queueId,
            userId: data.userId,
            opening: context.live.opening,
          }
        : context.last,
      live: null,
    })),
    dropClaim: on('conversation.claimDropped', (context, { data }) => ({
      ...withReceived(context, data.messageIds),
      live: null,
    })),
    rememberMessages: on('conversation.messagesRemembered', (context, { data }) =>
      withReceived(context, data.messageIds),
    ),
    absorb: on('conversation.absorbed', (context, { data }) => ({
      ...withReceived(context, data.messageIds),
      ordinal: Math.max(context.ordinal, data.ordinal),
      last: data.last ?? context.last,
      lastInboundAt:
        data.lastInboundAt === null
          ? context.lastInboundAt
          : latest(context.lastInboundAt, data.lastInboundAt),
    })),
    redirect: on('conversation.redirected', (_, { data, revision }) => ({
      redirectedTo: data.to,
      redirectedAt: revision,
      live: null,
    })),
    part: on('conversation.parted', ({ parted }, { data: { conversationId, redirect, ticketId } }) => ({
      parted: { ...parted, [conversationId]: { redirect, ticketId } },
    })),
    // Its earlier tickets may live on where it led to: whatever comes here next begins anew.
    restore: on('conversation.restored', (context, { data }) => ({
      ...withReceived(context, data.messageIds),
      redirectedTo: null,
      last: null,
    })),
    receive: on('message.received', (context, { data }) => ({
      ...withReceived(context, [data.messageId]),
      lastInboundAt: latest(context.lastInboundAt, data.sentAt),
      ...mediaAwaited(context, data),
    })),
    mirror: on('message.mirrored', (context, { data }) => withReceived(context, [data.messageId])),
    noteQueued: on('message.queued'),
    noteActionQueued: on('message.actionQueued'),
    noteActionFailed: on('message.actionFailed'),
    noteSending: on('message.sending'),
    noteDeferred: on('message.deferred'),
    noteSent: on('message.sent'),
    noteDelivered: on('message.delivered'),
    noteRead: on('message.read'),
    notePlayed: on('message.played'),
    noteFailed: on('message.failed'),
    noteOutcomeUnknown: on('message.outcomeUnknown'),
    noteRequeued: on('message.requeued'),
    noteMediaStored: on('message.mediaStored', mediaSettled),
    noteMediaFailed: on('message.mediaFailed', mediaSettled),
    noteDeciphered: on('message.deciphered', (context, { data, meta }) => ({
      ...withReceived(context, [meta.commandId]),
      ...mediaAwaited(context, data),
    })),
    noteReacted: on('message.reacted', (context, { meta }) => withReceived(context, [meta.commandId])),
    noteEdited: on('message.edited', (context, { meta }) => withReceived(context, [meta.commandId])),
    noteRevoked: on('message.revoked', (context, { meta }) => withReceived(context, [meta.commandId])),
  },
}).createMachine({
  id: 'conversation',
  context: initial,
  initial: 'absent',
  states: {
    absent: {
      on: {
        'conversation.started': { target: 'started', actions: 'start' },
        'conversation.redirected': { target: 'redirected', actions: 'redirect' },
      },
    },
    started: {
      initial: 'idle',
      on: {
        'conversation.addressesChanged': { actions: 'changeAddresses' },
        'conversation.messagesRemembered': { actions: 'rememberMessages' },
        'conversation.absorbed': { actions: 'absorb' },
        'conversation.parted': { actions: 'part' },
        'message.received': { actions: 'receive' },
        'message.mirrored': { actions: 'mirror' },
        'message.queued': { actions: 'noteQueued' },
        'message.actionQueued': { actions: 'noteActionQueued' },
        'message.actionFailed': { actions: 'noteActionFailed' },
        'message.sending': { actions: 'noteSending' },
        'message.deferred': { actions: 'noteDeferred' },
        'message.sent': { actions: 'noteSent' },
        'message.delivered': { actions: 'noteDelivered' },
        'message.read': { actions: 'noteRead' },
        'message.played': { actions: 'notePlayed' },
        'message.failed': { actions: 'noteFailed' },
        'message.outcomeUnknown': { actions: 'noteOutcomeUnknown' },
        'message.requeued': { actions: 'noteRequeued' },
        'message.mediaStored': { actions: 'noteMediaStored' },
        'message.mediaFailed': { actions: 'noteMediaFailed' },
        'message.deciphered': { actions: 'noteDeciphered' },
        'message.reacted': { actions: 'noteReacted' },
        'message.edited': { actions: 'noteEdited' },
        'message.revoked': { actions: 'noteRevoked' },
      },
      states: {
        idle: {
          on: {
            'conversation.ticketClaimed': { target: 'claimed', actions: 'claim' },
            'conversation.contactReplaced': { actions: 'replaceContact' },
            'conversation.redirected': { target: '#conversation.redirected', actions: 'redirect' },
          },
        },
        claimed: {
          on: {
            'conversation.ticketReleased': { target: 'idle', actions: 'release' },
            'conversation.claimDropped': { target: 'idle', actions: 'dropClaim' },
            // Its live ticket was claimed there before.
            'conversation.redirected': { target: '#conversation.redirected', actions: 'redirect' },
          },
        },
      },
    },
    // What is about a message that stands here still comes here.
    redirected: {
      on: {
        'conversation.messagesRemembered': { actions: 'rememberMessages' },
        'conversation.restored': { target: 'started.idle', actions: 'restore' },
        'message.sent': { actions: 'noteSent' },
        'message.delivered': { actions: 'noteDelivered' },
        'message.read': { actions: 'noteRead' },
        'message.played': { actions: 'notePlayed' },
        'message.mediaStored': { actions: 'noteMediaStored' },
        'message.mediaFailed': { actions: 'noteMediaFailed' },
        'message.deciphered': { actions: 'noteDeciphered' },
        'message.reacted': { actions: 'noteReacted' },
        'message.edited': { actions: 'noteEdited' },
        'message.revoked': { actions: 'noteRevoked' },
      },
    },
  },
})

export const conversationKind = { type: 'conversation', chart: conversationChart } as const satisfies Kind
/** One step of the way to the conversation in which a chat lives on: from which one, by which redirection of its. */
export type Hop = { readonly id: string; readonly redirect: number }

/** The step of this way that leads here no more, if there is one. */
export const partedHop = (
  { context: { parted } }: ConversationState,
  hops: readonly Hop[],
): Hop | undefined =>
  hops.length === 0 ? undefined : hops.find(({ id, redirect }) => (parted[id]?.redirect ?? -1) >= redirect)

export type ConversationState = ReturnType<typeof conversationChart.getInitialSnapshot>
