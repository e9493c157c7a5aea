import { conversationKind, type ConversationState, type Hop } from '../../actors/conversation/chart.ts'
import type { ChannelAddress } from '../../events/conversation.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { keyedId, type ConversationId } from '../../shared/ids.ts'
import type { Act } from '../act.ts'
import { refused } from '../define.ts'
import { canonicalAddresses } from '../contact/addresses.ts'
import { holderOf, resolveContact } from '../contact/identity.ts'
import { asServer } from '../contact/merge.ts'
import { personOf } from '../contact/person.ts'
import { closeLive } from './close-live.ts'
import { finishParting } from './part.ts'
import { settleConversations } from './settle.ts'
import { conversationEnd, isAddressOnly, settledState, wayFrom, type Way } from './way.ts'

/**
 * Which conversation a chat is. Its id comes from the chat's address, not from the contact. A chat that comes under
 * several addresses is one conversation: the one that exists already, or the first address's; the streams of the other
 * addresses redirect there. Where several exist, because nobody knew that the addresses are one person's, they are joined
 * before anything is written to either.
 */
type Chat = {
  readonly addresses: readonly ChannelAddress[]
  readonly name?: string | undefined
  readonly group: boolean
  /** The addresses are what we remember of a contact, not what the channel just gave: replies go where they went. */
  readonly remembered?: boolean
  /** Whether what came under these addresses came before: then they may be old, and change nothing. */
  readonly isRepeated?: (conversation: ConversationState) => Promise<boolean>
}

const conversationIdOf = (key: Buffer, sessionId: string, { kind, value }: ChannelAddress): ConversationId =>
  keyedId(key, 'conversation', sessionId, kind, value)

const existing = (state: ConversationState): boolean => state.matches('started')

const ROUNDS_MAX = 5

/** What finding a chat takes; a command has it, and whoever only looks can have it too. */
type Looker = Pick<Act, 'state'> & {
  readonly principal: Pick<Act['principal'], 'companyId'>
  readonly tools: Pick<Act['tools'], 'tenantKey'>
}

const look = async (
  act: Pick<Act, 'state'>,
  id: ConversationId,
): Promise<{ id: ConversationId; state: ConversationState }> => ({
  id,
  state: (await settledState(act.state, id)).state,
})

const wayOf = (act: Pick<Act, 'state'>, from: ConversationId): Promise<Way> =>
  wayFrom(id => look(act, id as ConversationId), from)

/** The way to where a chat lives on. A parting that was begun on it is finished first. */
const passableWay = async (act: Act, from: ConversationId): Promise<Way> => {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const way = await wayOf(act, from)
    if (!way.parted) return way
    const { from: stays, hop } = way.parted
    await finishParting(asServer(act), stays, hop)
    // They may have been merged again since it was begun.
    await settleConversations(asServer(act), [hop.id, stays])
  }
  throw new Error(`conversation ${from} keeps being parted`)
}

/** Makes one of several conversations that turn out to be one chat. `null`: they stay as they are, somebody wanted it so. */
const unite = async (
  act: Act,
  ends: readonly ConversationId[],
  chat: Chat,
): Promise<ConversationId | null> => {
  const areOne = async (): Promise<boolean> => {
    const people = await Promise.all(
      ends.map(async id => {
        const { state } = await conversationEnd(act.state, id)
        return (await personOf(act, state.context.contactId, 0)).id
      }),
    )
    return new Set(people).size === 1
  }
  if (!(await areOne())) {
    await resolveContact(act, chat, chat.group)
    if (!(await areOne())) return null
  }
  await settleConversations(asServer(act), ends)
  return (await conversationEnd(act.state, ends[0]!)).id as ConversationId
}

/** Of a chat that has no conversation of its own: which one it is another address of. */
const ownOf = async (act: Act, from: ConversationId): Promise<string> => {
  const { hops, end } = await wayOf(act, from)
  for (const { id } of hops) if (!isAddressOnly((await look(act, id as ConversationId)).state)) return id
  return end.id
}

/** The conversation that is this chat, and by which steps its addresses lead there. */
const settle = async (
  act: Act,
  ids: readonly ConversationId[],
  chat: Chat,
): Promise<{ id: ConversationId; hops: readonly Hop[] }> => {
  const seen = await Promise.all(ids.map(id => look(act, id)))
  const known = seen.filter(({ state }) => !state.matches('absent'))
  const ways = await Promise.all(
    known.map(async (one): Promise<Pick<Way, 'end' | 'hops'>> => {
      if (one.state.context.redirectedTo === null) return { end: one, hops: [] }
      return passableWay(act, one.id)
    }),
  )
  const ends = [...new Set(ways.map(({ end }) => end.id as ConversationId))]
  const united = ends.length > 1 && !chat.group ? await unite(act, ends, chat) : null
  const target = united ?? ends[0] ?? ids[0]!
  for (const { id, state } of seen) {
    if (id === target || !state.matches('absent')) continue
    // To what is the chat's own, and from there on: should that be parted from what it leads to, this goes with it.
    const to = known[0] === undefined ? target : await ownOf(act, known[0].id)
    const outcome = await act.transact(conversationKind, id, current =>
      current.matches('absent') ? [{ type: 'conversation.redirected', data: { to } }] : [],
    )
    // It was started a moment ago by somebody who knows fewer addresses: then the chat is there.
    if (outcome.outcome === 'done' && existing(outcome.state)) return settle(act, ids, chat)
  }
  const led = united === null ? ways : await Promise.all(known.map(({ id }) => passableWay(act, id)))
  return { id: target, hops: led.flatMap(({ end, hops }) => (end.id === target ? hops : [])) }
}

/** The conversation of a chat, if there is one; nothing is started for it. */
export const findConversation = async (
  act: Looker,
  sessionId: string,
  addresses: readonly ChannelAddress[],
): Promise<{ id: ConversationId; state: ConversationState } | null> => {
  const key = await act.tools.tenantKey(act.principal.companyId)
  for (const address of canonicalAddresses(addresses)) {
    const { id, state } = await look(act, conversationIdOf(key, sessionId, address))
    const end = state.context.redirectedTo === null ? id : (await wayOf(act, id)).end.id
    const found = (await act.state(conversationKind, end)).state
    if (existing(found)) return { id: end as ConversationId, state: found }
  }
  return null
}

const addressesHashOf = (key: Buffer, addresses: readonly ChannelAddress[]): string =>
  keyedId(key, 'addresses', ...addresses.map(({ kind, value }) => `${kind}:${value}`))

/** `hops`: by which steps the chat leads there. What is written for it is refused if one of them is taken back meanwhile. */
export type Located = {
  readonly id: ConversationId
  readonly contactId: string
  readonly hops: readonly Hop[]
}

/** The conversation of a chat, started (with its contact) if this is its first sign. */
export const locateConversation = async (act: Act, sessionId: string, chat: Chat): Promise<Located> => {
  const key = await act.tools.tenantKey(act.principal.companyId)
  const ids = canonicalAddresses(chat.addresses).map(address => conversationIdOf(key, sessionId, address))
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { id, hops } = await settle(act, ids, chat)
    const contactId = await startAt(act, id, sessionId, chat, addressesHashOf(key, chat.addresses))
    if (contactId === null) continue
    if (chat.group || !(await joinOthers(act, id, sessionId, chat, contactId))) return { id, contactId, hops }
    const more = await passableWay(act, id)
    return { id: more.end.id as ConversationId, contactId, hops: [...hops, ...more.hops] }
  }
  throw new Error(`no conversation for a chat of session ${sessionId} in ${ROUNDS_MAX} rounds`)
}

/**
 * A chat in which nothing was said before may be one more address of a person who has a conversation on this session under
 * another: they become one before anything is written. Answers whether there was any.
 */
const joinOthers = async (
  act: Act,
  id: ConversationId,
  sessionId: string,
  chat: Chat,
  contactId: string,
): Promise<boolean> => {
  const { context } = (await look(act, id)).state
  if (context.ordinal > 0 || Object.keys(context.received).length > 0) return false
  const { companyId } = act.principal
  const person = await personOf(act, contactId, 0)
  const { aliasIds, absorbed } = person.state.context
  const isAlone = person.id === context.contactId && absorbed.length === 0
  if (isAlone && aliasIds.length < chat.addresses.length) return false
  const key = await act.tools.tenantKey(companyId)
  const addresses = canonicalAddresses((await act.tools.contactAddresses(companyId, person.id)) ?? [])
  const theirs = addresses.map(address => conversationIdOf(key, sessionId, address))
  const known = (await Promise.all(theirs.map(one => look(act, one)))).filter(
    one => !one.state.matches('absent'),
  )
  if (known.every(one => one.id === id)) return false
  await settleConversations(asServer(act), [id, ...known.map(one => one.id)])
  return true
}

/** Starts the conversation or learns its addresses; answers its contact, `null` if it was redirected meanwhile. */
const startAt = async (
  act: Act,
  id: ConversationId,
  sessionId: string,
  chat: Chat,
  addressesHash: string,
): Promise<string | null> => {
  const { state } = await look(act, id)
  const knows = ({ context }: ConversationState): boolean =>
    chat.remembered === true || context.addressesHash === addressesHash
  if (existing(state)) {
    const person = await personOf(act, state.context.contactId)
    if (person.state.matches('erased'))
      return replaceContact(act, id, state.context.contactId, chat, addressesHash)
    if (knows(state) || (await chat.isRepeated?.(state))) return person.id
  }
  const addresses = [...chat.addresses]
  const personId = await resolveContact(act, chat, chat.group)
  // Whose the address is itself: should they turn out to be two people, the conversation is that one's again.
  const contactId = existing(state) ? personId : await holderOf(act, chat.addresses, personId)
  const outcome = await act.transact(conversationKind, id, conversation => {
    if (conversation.matches('redirected'))
      return refused('conflict', 'Another conversation is this chat now.')
    if (existing(conversation))
      return knows(conversation)
        ? []
        : [
            {
              type: 'conversation.addressesChanged',
              subject: contactId,
              data: { addressesHash, personal: { addresses } },
            },
          ]
    return [
      {
        type: 'conversation.started',
        subject: contactId,
        data: { sessionId, contactId, isGroup: chat.group, addressesHash, personal: { addresses } },
      },
    ]
  })
  failPoint('intake.conversation-started')
  if (outcome.outcome === 'refused') return null
  if (outcome.outcome !== 'done') throw new Error(`conversation ${id} could not be started`)
  return (await personOf(act, outcome.state.context.contactId)).id
}

/** Whoever writes after an erasure is somebody new: what the old contact still had open is closed first. */
const replaceContact = async (
  act: Act,
  id: string,
  erasedId: string,
  chat: Chat,
  addressesHash: string,
): Promise<string | null> => {
  await closeLive(act, id)
  const contactId = await resolveContact(act, chat, chat.group)
  const outcome = await act.transact(conversationKind, id, conversation => {
    const { context } = conversation
    if (!existing(conversation)) return refused('conflict', 'Another conversation is this chat now.')
    if (context.contactId !== erasedId) return []
    if (context.live) return refused('ticket-live', 'A ticket was opened meanwhile.')
    const personal = { addresses: [...chat.addresses] }
    return [
      {
        type: 'conversation.contactReplaced',
        subject: contactId,
        data: { contactId, addressesHash, personal },
      },
    ]
  })
  return outcome.outcome === 'done' ? outcome.state.context.contactId : null
}
