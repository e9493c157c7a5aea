import type { DataKeys } from '../../src/eventstore/codec.ts'
import { decodeOpen } from '../../src/eventstore/codec.ts'
import { addressOf } from '../../src/eventstore/streams.ts'
import type { ContactContext } from '../../src/actors/contact/chart.ts'
import type { ConversationContext } from '../../src/actors/conversation/chart.ts'
import type { TicketContext } from '../../src/actors/ticket/chart.ts'
import { keyMapGet, keyMapKeys } from '../../src/shared/keyset.ts'
import type { Agents } from './agents.ts'
import type { Channel } from './channel.ts'
import type { MemoryLog } from './memory-log.ts'
import type { SimulatedNode } from './node.ts'
import type { Outside } from './outside.ts'
import { rebuilt, type SimulatedReadModels } from './read-models.ts'
import { Violation } from './violation.ts'
import { KINDS, startActor, take, type Expected, type LogWatch } from './watch-log.ts'
import type { Ledger } from './wire-ledger.ts'

type Parts = {
  readonly log: MemoryLog
  readonly watch: LogWatch
  readonly ledger: Ledger
  readonly channel: Channel
  readonly agents: Agents
  readonly traffic: Outside['traffic']
  readonly readModels: SimulatedReadModels
  readonly keys: Pick<DataKeys, 'get'>
  readonly expected: ReadonlyMap<string, Expected>
}

const contextOf = (watch: LogWatch, stream: string): unknown =>
  (watch.actor(stream)?.getSnapshot() as { context?: unknown } | undefined)?.context

/** Whom a contact is shown as. */
const personOf = (watch: LogWatch, company: string, contactId: string): string => {
  const { mergedInto } = contextOf(watch, `contact-${company}.${contactId}`) as ContactContext
  return mergedInto === null ? contactId : personOf(watch, company, mergedInto)
}

/** Whose conversation it is in which this one lives on. */
const personAt = (watch: LogWatch, company: string, conversationId: string): string => {
  const { contactId, redirectedTo } = contextOf(
    watch,
    `conversation-${company}.${conversationId}`,
  ) as ConversationContext
  return redirectedTo === null ? personOf(watch, company, contactId) : personAt(watch, company, redirectedTo)
}

/** Two conversations of one person on one session that were not joined, or one that leads to somebody else's. */
const twoOfOne = (watch: LogWatch): string | null => {
  const known = new Map<string, string>()
  for (const stream of watch.streams()) {
    if (!stream.startsWith('conversation-')) continue
    const context = contextOf(watch, stream) as ConversationContext
    const { sessionId, contactId, redirectedTo } = context
    if (contactId === '') continue
    const { company } = addressOf(stream)
    const person = personOf(watch, company, contactId)
    if (redirectedTo !== null) {
      if (personAt(watch, company, redirectedTo) !== person)
        return `${stream} leads to another person's ${redirectedTo}`
      continue
    }
    // Begun, and left by whoever wanted to write there: it is joined before anything is.
    if (context.ordinal === 0 && keyMapKeys(context.received).length === 0) continue
    const place = `${sessionId} ${person}`
    const other = known.get(place)
    if (other) return `${other} and ${stream} are one person's`
    known.set(place, stream)
  }
  return null
}

/** Why it is not quiet yet; `null` when nothing is left to do. */
export const unrest = ({ channel, agents, watch, readModels, log, traffic }: Parts): string | null => {
  if (agents.waiting() > 0) return 'somebody waits for an answer'
  if (traffic.late > 0) return 'something has not arrived yet'
  const undelivered = channel.undelivered()
  if (undelivered > 0) return `${undelivered} items are not acknowledged`
  if (readModels.position() < (log.head() ?? '')) return 'the read models are behind'
  const unsent = readModels.unsentMessages()
  if (unsent.length > 0)
    return `${unsent.length} messages are not sent: ${unsent[0]!.stream} ${unsent[0]!.messageId}`
  for (const stream of watch.streams()) {
    if (!stream.startsWith('conversation-')) continue
    const { live } = contextOf(watch, stream) as ConversationContext
    const tickets = watch.liveTickets(addressOf(stream).id)
    if (live && !tickets.includes(live.ticketId))
      return `${stream} is claimed for ${live.ticketId}, which is not live`
    if (!live && tickets.length > 0) return `${stream} is free, and ${tickets.join()} is live`
  }
  const apart = twoOfOne(watch)
  if (apart !== null) return apart
  const wanted = readModels.wantedSessions().length
  return channel.openLines() < wanted ? `${channel.openLines()} of ${wanted} sessions are connected` : null
}

const messages = ({ watch, ledger, agents, expected }: Parts): void => {
  for (const [id, { chat, place }] of expected)
    if (!watch.received(id)) throw new Violation('nothing acknowledged is lost', `${chat} ${place} (${id})`)
  for (const id of agents.sent)
    if (!watch.queued().has(id)) throw new Violation('nothing answered is lost', `message ${id}`)
  for (const [id, stream] of watch.queued()) {
    const { outbound } = contextOf(watch, stream) as TicketContext
    const known = keyMapGet(outbound, id)
    const tries = ledger.tries(id)
    if (!known || known.ack === 'queued' || known.ack === 'sending')
      throw new Violation('every message comes to an end', `${id} is ${known?.ack}`)
    if (tries.length === 0 && known.ack !== 'failed' && known.ack !== 'unknown')
      throw new Violation('an end is explained', `${id} is ${known.ack} and was never taken`)
    if (known.ack === 'failed' && watch.requeues(id) === 0 && tries.includes(known.attempts))
      throw new Violation('an end is explained', `${id} failed, and try ${known.attempts} was taken`)
  }
  const [letter] = watch.letters()
  if (letter) throw new Violation('nothing is given up', letter)
}

const projections = async ({ log, readModels, keys }: Parts): Promise<void> => {
  const [poison] = readModels.poisons
  if (poison) throw new Violation('no fact poisons a read model', poison)
  const position = readModels.position()
  const fresh = await rebuilt(
    log.readAll().filter(event => event.position <= position),
    keys,
  )
  for (const [name, rows] of fresh) {
    const shown = readModels.tables.get(name)!
    for (const [key, row] of rows)
      if (JSON.stringify(shown.get(key)) !== JSON.stringify(row))
        throw new Violation('a rebuild gives what is shown', `${name} ${key}`)
    if (shown.size !== rows.size)
      throw new Violation('a rebuild gives what is shown', `${name}: rows too many`)
  }
}

/** What an actor says of itself, held against its own history up to the revision that it claims. */
export const compareActor = async (node: SimulatedNode, stream: string, log: MemoryLog): Promise<void> => {
  const { company, type, id } = addressOf(stream)
  const kind = KINDS[type]
  if (!kind) return
  const said = await node.directory.state(kind, { company, id }, Number.POSITIVE_INFINITY)
  const history = log.readStream(stream).slice(0, said.revision + 1)
  const { value, context } = said.state as { value: unknown; context: unknown }
  if (history.length !== said.revision + 1)
    throw new Violation(
      'an actor knows only what is in the log',
      `${node.life.name} ${stream}@${said.revision}`,
    )
  const replay = startActor(kind.chart)
  for (const event of history) take(replay, decodeOpen(event))
  const { value: value2, context: context2 } = replay.getSnapshot() as { value: unknown; context: unknown }
  if (JSON.stringify([value, context]) !== JSON.stringify([value2, context2]))
    throw new Violation('replay equals live', `${node.life.name} ${stream}@${said.revision}`)
}

export const finalChecks = async (parts: Parts): Promise<void> => {
  messages(parts)
  await projections(parts)
}
