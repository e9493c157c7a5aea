import { isRefusal, type Answer, type AskOptions } from '../../src/commands/define.ts'
import type { UserPrincipal } from '../../src/events/principal.ts'
import type { ContactRow } from '../../src/projections/contact-row.ts'
import type { MessageRow } from '../../src/projections/message-row.ts'
import type { TicketRow } from '../../src/projections/ticket-row.ts'
import type { Chance } from './chance.ts'
import type { MemoryLog } from './memory-log.ts'
import type { SimulatedNode } from './node.ts'
import type { SimulatedReadModels } from './read-models.ts'
import type { Scheduler } from './scheduler.ts'
import { Violation } from './violation.ts'

/**
 * People who answer: they see what the read models show, which may be old, and ask any node for anything. Whoever gets no
 * answer asks again with the same key, of another node. What they were told has to be true.
 */
const GIVE_UP_MS = 15_000
const ASKS_MAX = 4

type Wish = { readonly command: string; readonly input: Record<string, unknown>; readonly ifMatch?: number }
type Asked = {
  readonly wish: Wish
  readonly who: UserPrincipal
  readonly key: string
  asks: number
  id: string | null
}

export const createAgents = (parts: {
  readonly scheduler: Scheduler
  readonly chance: Chance
  readonly log: MemoryLog
  readonly readModels: SimulatedReadModels
  readonly people: readonly UserPrincipal[]
  node(): SimulatedNode | null
  broken(violation: unknown): void
}) => {
  const { scheduler, chance, log, readModels, people, node, broken } = parts
  let keys = 0
  /** Facts that somebody was told to have caused: nobody else may have been told so of the same ones. */
  const causedBy = new Map<string, string>()
  const sent = new Set<string>()
  let waiting = 0
  let gone = false

  const messageOf = (ticket: TicketRow): MessageRow | undefined => {
    const ours = readModels
      .rows<MessageRow>('message_row')
      .filter(row => row.ticket_id === ticket.id && (row.ack === 'failed' || row.ack === 'unknown'))
    return ours.length > 0 ? chance.pick(ours) : undefined
  }

  const wishFor = (ticket: TicketRow): Wish => {
    const { id } = ticket
    const ifMatch = chance.happens(0.4) ? { ifMatch: ticket.revision } : {}
    const failed = chance.happens(0.5) ? messageOf(ticket) : undefined
    if (failed) return { command: 'message.retry', input: { ticketId: id, messageId: failed.id } }
    if (ticket.status === 'pending' && chance.happens(0.7))
      return { command: 'ticket.accept', input: { id }, ...ifMatch }
    if (ticket.status === 'open' && chance.happens(0.75))
      return { command: 'message.send', input: { ticketId: id, body: `answer ${keys} ${id}` } }
    if (ticket.status === 'closed' && chance.happens(0.2)) {
      const { contact_id: contactId, session_id: sessionId } = ticket
      return { command: 'ticket.open', input: { contactId, sessionId, body: `first word ${keys}` } }
    }
    const command = chance.pick([
      'ticket.accept',
      'ticket.return',
      'ticket.takeover',
      'ticket.close',
      'ticket.close',
      'ticket.read',
      'ticket.reopen',
    ])
    return { command, input: { id }, ...ifMatch }
  }

  /** Somebody finds out that two contacts are one person, rightly or not, or that they are not. */
  const wishAbout = (contacts: readonly ContactRow[]): Wish => {
    const merged = contacts.filter(({ merged_into }) => merged_into !== null)
    const one = chance.pick(merged.length > 0 && chance.happens(0.5) ? merged : contacts)
    return one.merged_into !== null && chance.happens(0.7)
      ? { command: 'contact.unmerge', input: { id: one.id } }
      : { command: 'contact.merge', input: { id: one.id, intoId: chance.pick(contacts).id } }
  }

  const check = (asked: Asked, answer: Answer): void => {
    const { command } = asked.wish
    asked.id ??= answer.id
    if (asked.id !== answer.id) throw new Violation('a key has one answer', `${command} ${asked.key}`)
    if (command === 'message.send') sent.add(answer.id)
    if (answer.position === null) return
    const head = log.head() ?? ''
    if (answer.position > head)
      throw new Violation('what was answered is in the log', `${command}: ${answer.position} after ${head}`)
    if (answer.duplicate || command !== 'ticket.accept') return
    const other = causedBy.get(answer.position)
    if (other && other !== asked.key)
      throw new Violation('of two who accept one wins', `${other} and ${asked.key} at ${answer.position}`)
    causedBy.set(answer.position, asked.key)
  }

  const ask = (asked: Asked): void => {
    const at = node()
    if (gone || !at || asked.asks++ >= ASKS_MAX) return
    waiting++
    const { wish, who, key } = asked
    let over = false
    const end = (): void => {
      if (!over) waiting--
      over = true
    }
    const again = (): void => {
      if (over) return
      end()
      scheduler.after(chance.between(10, 2_000), `asks again: ${wish.command}`, null, () => ask(asked))
    }
    scheduler.after(GIVE_UP_MS, `waits no longer: ${wish.command}`, null, again)
    const options: AskOptions = {
      key,
      correlationId: key,
      ...(wish.ifMatch === undefined ? {} : { ifMatch: wish.ifMatch }),
    }
    scheduler.after(chance.float() * 5, `asks: ${wish.command}`, at.life, () => {
      at.door.ask(who, wish.command, wish.input, options).then(
        answer => {
          if (over) return
          if (isRefusal(answer) && (answer.refused === 'store-unavailable' || answer.refused === 'busy'))
            return again()
          end()
          if (isRefusal(answer)) return
          try {
            check(asked, answer)
          } catch (violation) {
            broken(violation)
          }
          // The answer may get lost on the way to the browser.
          if (chance.happens(0.1)) ask(asked)
        },
        (error: unknown) => {
          if (/away: /.test(String(error))) return again()
          broken(new Violation('a command is answered', `${wish.command}: ${String(error)}`))
        },
      )
    })
  }

  return {
    actSome: (): void => {
      const tickets = readModels.rows<TicketRow>('ticket_row')
      if (tickets.length === 0) return
      const contacts = readModels.rows<ContactRow>('contact_row')
      const wish =
        contacts.length > 1 && chance.happens(0.06)
          ? wishAbout(contacts)
          : wishFor(chance.pick(tickets.slice(-6)))
      const key = `k${++keys}`
      // Two at once want the same.
      for (const who of chance.happens(0.3)
        ? [chance.pick(people), chance.pick(people)]
        : [chance.pick(people)])
        ask({ wish, who, key: `${key} ${who.userId}`, asks: 0, id: null })
    },
    /** Messages that somebody was told to be written down. */
    sent: sent as ReadonlySet<string>,
    /** How many wait for an answer. */
    waiting: (): number => waiting,
    /** Nobody asks anything again. */
    leave: (): void => void (gone = true),
  }
}
export type Agents = ReturnType<typeof createAgents>
