import { z } from 'zod'
import { contactKind } from '../../actors/contact/chart.ts'
import type { MERGE_REASONS } from '../../events/contact.ts'
import type { ChannelAddress } from '../../events/conversation.ts'
import { failPoint } from '../../shared/fail-point.ts'
import { answerOf, type Act } from '../act.ts'
import { command, SUPERVISORS } from '../command.ts'
import { isRefusal, refused, type Answer, type Refusal } from '../define.ts'
import { settleConversations } from '../conversation/settle.ts'
import { eraseOne } from './erase-one.ts'
import { areApart, personOf, type Person } from './person.ts'

/**
 * One person, two contacts. Each step is a fact in one stream, and whoever comes next goes on from what the log says:
 *
 *   contact.merged (the one that goes) ─▶ contact.absorbed (the one that stays) ─▶ whoever was merged into the one that goes
 *   is merged into the one that stays ─▶ their conversations are joined, session by session ─▶ contact.mergeCompleted
 *
 * The first fact decides. What follows is asked for again by a reaction until it is done, and is nothing to do the second time.
 */
type Reason = (typeof MERGE_REASONS)[number]
type Wish = { readonly userId: string | null; readonly reason: Reason }

const unknownContact = (): Refusal => refused('not-found', 'There is no such contact.')
const TRIES_MAX = 5

/** Facts of the server's own are told of it, and not of the session or person by whom it came. */
export const asServer = (act: Act): Act =>
  act.principal.kind === 'user' ? act : act.as({ kind: 'system', id: 'merge-contacts' })

/** The contact that goes leads to the one that stays, from this fact on. */
const decideMerge = async (act: Act, from: string, into: string, { userId, reason }: Wish) => {
  const outcome = await act.transact(contactKind, from, contact => {
    if (contact.matches('merged') && contact.context.mergedInto === into) return []
    if (!contact.matches('known')) return refused('conflict', 'This contact was merged or erased meanwhile.')
    return [{ type: 'contact.merged', data: { intoId: into, formerId: null, userId, reason } }]
  })
  failPoint('merge.decided')
  return outcome
}

/** The contact that stays knows whom it stands for, and what they were called. */
const absorb = async (act: Act, from: string, into: string) => {
  const { state } = await act.state(contactKind, from)
  const card = await act.tools.contactCard(act.principal.companyId, from)
  // Whoever was blocked stays so as the same person.
  const { blocked, namedBy } = state.context
  const outcome = await act.transact(contactKind, into, contact => {
    if (contact.context.absorbed.includes(from)) return []
    if (!contact.matches('known')) return refused('conflict', 'That contact was merged or erased meanwhile.')
    const { name = null, phone = null, email = null, addresses = [] } = card ?? {}
    return [
      {
        type: 'contact.absorbed',
        // With the other's own key: should they be parted and one erased, nothing of that one is left here.
        subject: from,
        data: {
          contactId: from,
          blocked,
          nameSource: card?.nameSource ?? namedBy,
          personal: { name, phone, email, addresses: [...addresses] },
        },
      },
    ]
  })
  failPoint('merge.absorbed')
  return outcome
}

/** Leads a contact that was merged into one which is merged itself to where that one leads. */
const leadOn = async (act: Act, id: string, from: string, into: string): Promise<void> => {
  await act.transact(contactKind, id, contact =>
    contact.matches('merged') && contact.context.mergedInto === from
      ? [
          {
            type: 'contact.merged',
            data: { intoId: into, formerId: from, userId: null, reason: 'same-address' },
          },
        ]
      : [],
  )
  failPoint('merge.led-on')
}

/** Whoever was merged into the one that goes is merged into the one that stays: one step leads there for ever. */
const bringAlong = async (act: Act, from: string, into: string): Promise<void> => {
  const { state } = await act.state(contactKind, from)
  for (const id of state.context.absorbed) {
    await leadOn(act, id, from, into)
    await absorb(act, id, into)
    await part(act, from, id)
  }
}

const part = async (act: Act, from: string, contactId: string): Promise<void> => {
  await act.transact(contactKind, from, contact =>
    contact.context.absorbed.includes(contactId) ? [{ type: 'contact.parted', data: { contactId } }] : [],
  )
  failPoint('merge.parted')
}

const release = async (act: Act, id: string, fromId: string, userId: string | null, blocked: boolean) => {
  const outcome = await act.transact(contactKind, id, contact =>
    contact.matches('merged') && contact.context.mergedInto === fromId
      ? [{ type: 'contact.unmerged', data: { fromId, userId, blocked } }]
      : [],
  )
  failPoint('merge.released')
  return outcome
}

const giveUp = async (act: Act, { id, state }: Person, into: string): Promise<void> => {
  await release(act, id, into, null, state.context.blocked)
  await part(act, into, id)
}

/** Everything of a merge that concerns the contacts themselves. Answers who they are then; `null`: it was given up. */
const settleContacts = async (act: Act, id: string): Promise<string | null> => {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const { state } = await act.state(contactKind, id)
    const into = state.matches('merged') ? state.context.mergedInto : null
    if (into === null) return null
    const person = await personOf(act, into, 0)
    // It goes in a circle: the one of it that everybody takes meanwhile stands by itself again.
    const circle = person.state.matches('merged') ? person.state.context.mergedInto : null
    if (circle !== null) {
      await giveUp(act, person, circle)
      continue
    }
    // Who stood for it was erased before it was known there: the same person all the same.
    if (person.state.matches('erased')) {
      await eraseOne(act, id, 'requested', null)
      return null
    }
    if (!person.state.matches('known')) {
      await giveUp(act, { id, state }, into)
      return null
    }
    if (person.id !== into) {
      await leadOn(act, id, into, person.id)
      await part(act, into, id)
      continue
    }
    const absorbed = await absorb(act, id, into)
    if (absorbed.outcome !== 'done') continue
    await bringAlong(act, id, into)
    return into
  }
  throw new Error(`contact ${id} could not be merged: others keep merging it`)
}

/** Addresses of which one person has one at a time. */
const kindsOf = async (act: Act, { id }: Person): Promise<ReadonlySet<ChannelAddress['kind']>> => {
  const addresses = (await act.tools.contactAddresses(act.principal.companyId, id)) ?? []
  return new Set(addresses.map(({ kind }) => kind).filter(kind => kind !== 'username'))
}

/**
 * Merges what a channel says to be one person, without asking anybody: nobody else may be behind it. Two numbers, or two
 * hidden ids, may be two people's (a number is given to somebody else after a while): these are left to whoever knows them.
 */
export const mergeKnown = async (act: Act, people: readonly Person[]): Promise<string> => {
  const [stays, ...others] = people
  if (!stays) throw new Error('nobody is to be merged')
  const server = asServer(act)
  for (const other of others) {
    if (other.id === stays.id || areApart(stays, other)) continue
    if (!stays.state.matches('known') || !other.state.matches('known')) continue
    if (stays.state.context.isGroup || other.state.context.isGroup) continue
    const [mine, theirs] = await Promise.all([kindsOf(act, stays), kindsOf(act, other)])
    if ([...theirs].some(kind => mine.has(kind))) continue
    const merged = await decideMerge(server, other.id, stays.id, { userId: null, reason: 'same-address' })
    if (merged.outcome === 'done') await settleContacts(server, other.id)
  }
  return stays.id
}

/** Somebody knows that two contacts are one person. `id` goes, `intoId` stays. */
export const mergeContact = command({
  name: 'contact.merge',
  summary: 'Say that a contact is the same person as another, which stands for both from now on',
  roles: SUPERVISORS,
  input: z.object({ id: z.uuid(), intoId: z.uuid() }),
  run: async (act, { id, intoId }) => {
    const { principal } = act
    const [from, into] = [await personOf(act, id, 0), await personOf(act, intoId, 0)]
    if (!from.state.matches('known') || !into.state.matches('known')) return unknownContact()
    if (from.state.context.isGroup || into.state.context.isGroup)
      return refused('invalid', 'intoId: a group is no person.')
    if (id === intoId) return refused('invalid', 'intoId: a contact cannot be merged into itself.')
    const merged =
      from.id === into.id
        ? await act.transact(contactKind, id, () => [])
        : await decideMerge(act, from.id, into.id, {
            userId: principal.kind === 'user' ? principal.userId : null,
            reason: 'user',
          })
    const answer = answerOf(id, merged, { data: { intoId: into.id } })
    // Asked again after a crash, the one that stays may not know of it yet.
    if (!isRefusal(answer)) await settleContacts(act, from.id === into.id ? id : from.id)
    return answer
  },
})

/** Of both contacts; `null`: nobody looked for them yet, and only what concerns the contacts themselves is done. */
const conversationIds = z.array(z.uuid()).nullable()
const nothingDone = (id: string): Answer => ({ id, revision: 0, position: null, duplicate: true })

/** What follows from a merge, as far as it was not done yet. */
export const continueMerge = command({
  name: 'contact.continueMerge',
  summary: 'Join what two contacts of one person have',
  roles: ['system'],
  input: z.object({ id: z.uuid(), conversationIds }),
  run: async (act, { id, conversationIds }) => {
    const into = await settleContacts(act, id)
    if (into === null || conversationIds === null) return nothingDone(id)
    const { conversationsJoined, ticketsClosed } = await settleConversations(act, conversationIds)
    const outcome = await act.transact(contactKind, id, contact =>
      contact.matches('merged') && contact.context.mergedInto === into && !contact.context.mergeCompleted
        ? [{ type: 'contact.mergeCompleted', data: { intoId: into, conversationsJoined, ticketsClosed } }]
        : [],
    )
    failPoint('merge.completed')
    return answerOf(id, outcome)
  },
})

/** Two people after all. */
export const unmergeContact = command({
  name: 'contact.unmerge',
  summary: 'Say that a merged contact is a person of its own; what was written meanwhile stays where it is',
  roles: SUPERVISORS,
  input: z.object({ id: z.uuid() }),
  run: async (act, { id }) => {
    const { state } = await act.state(contactKind, id)
    const into = state.context.mergedInto
    if (!state.matches('merged') || into === null) {
      if (!state.matches('known')) return unknownContact()
      return answerOf(id, await act.transact(contactKind, id, () => []))
    }
    const person = await personOf(act, into, 0)
    const userId = act.principal.kind === 'user' ? act.principal.userId : null
    const blocked = person.state.matches({ known: 'blocked' })
    const outcome = await release(act, id, into, userId, blocked)
    await part(act, into, id)
    return answerOf(id, outcome)
  },
})

/** What follows from an unmerge, as far as it was not done yet. */
export const continueUnmerge = command({
  name: 'contact.continueUnmerge',
  summary: 'Part what two people had as one',
  roles: ['system'],
  input: z.object({ id: z.uuid(), fromId: z.uuid(), conversationIds }),
  run: async (act, { id, fromId, conversationIds }) => {
    const { state, revision } = await act.state(contactKind, id)
    if (state.context.mergedInto !== fromId) await part(act, fromId, id)
    if (conversationIds === null) return nothingDone(id)
    const { conversationsParted } = await settleConversations(act, conversationIds)
    return { id, revision, position: null, duplicate: conversationsParted === 0 }
  },
})
