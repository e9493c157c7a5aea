import { sessionKind } from '../../src/actors/session/chart.ts'
import { isRefusal } from '../../src/commands/define.ts'
import type { StoredEvent } from '../../src/eventstore/port.ts'
import type { StreamType } from '../../src/eventstore/streams.ts'
import { openEngine, type Engine, type Node } from './engine.ts'
import { bsuid, phone, text } from './inbound.ts'

/** A whole stream as a release wrote it, with what the actor knew at its end and the keys that open it. */
export type History = {
  readonly kind: StreamType
  readonly events: readonly StoredEvent[]
  readonly keys: { readonly [subject: string]: string }
  readonly ends: { readonly value: unknown; readonly context: unknown }
}

const maria = [phone('5511987654321')]

/** Days at a front desk: everything that this release can do to a ticket, a conversation, a contact and a session. */
export const liveThrough = async (): Promise<Engine> => {
  const engine = await openEngine()
  const place = await engine.found()
  const node = engine.node()
  const { ana, supervisor, sessionId } = place
  const take = (...items: ReturnType<typeof text>[]) => node.intake.take(engine.companyId, sessionId, items)
  await take(text('m1', maria), text('m2', [...maria, bsuid('BR.1')]), text('s1', maria, { fromMe: true }))
  const id = (await engine.facts('ticket-'))[0]!.stream.split('.')[1]!
  await node.done(ana, 'ticket.accept', { id })
  await write(engine, node, ana, id)
  await node.done(ana, 'ticket.return', { id })
  await node.done(ana, 'ticket.accept', { id })
  await node.done(supervisor, 'ticket.takeover', { id })
  await take(text('m3', maria))
  await node.done(supervisor, 'ticket.read', { id })
  await node.done(supervisor, 'ticket.close', { id })
  await take(text('m4', maria))
  await node.done(supervisor, 'ticket.close', { id, silent: true })
  await take(text('sticker', maria, { kind: 'sticker' }))
  await node.done(supervisor, 'ticket.reopen', { id })
  await node.done(supervisor, 'ticket.close', { id })
  const contactId = (await engine.facts('contact-'))[0]!.stream.split('.')[1]!
  await node.done(ana, 'contact.change', {
    id: contactId,
    name: 'Maria da Silva',
    email: 'maria@example.com',
  })
  await node.done(ana, 'contact.block', { id: contactId })
  await node.done(ana, 'contact.unblock', { id: contactId })
  await connect(engine, node, place)
  return engine
}

/** People who turn out to be one, two again, and are erased: a contact and a conversation each, in every part of it. */
export const mergeThrough = async (): Promise<Engine> => {
  const engine = await openEngine()
  const { sessionId, supervisor, admin } = await engine.found()
  const node = engine.node()
  const [first, middle, last] = [phone('5511911111111'), phone('5511922222222'), phone('5511933333333')]
  const take = (id: string, from: typeof first, more: Parameters<typeof text>[2] = {}) =>
    node.intake.take(engine.companyId, sessionId, [text(id, [from], more)])
  const idsOf = async (type: StreamType): Promise<string[]> => [
    ...new Set((await engine.facts(`${type}-`)).map(({ stream }) => stream.split('.')[1]!)),
  ]
  for (const [nth, from] of [first, middle, last].entries()) {
    // Without a ticket first: then there is something to hand over.
    await take(`s${nth}`, from, { kind: 'sticker' })
    await take(`m${nth}`, from)
  }
  const [a, b, c] = await idsOf('contact')
  const conversationIds = await idsOf('conversation')
  for (const [id, intoId] of [
    [a, b],
    [b, c],
  ]) {
    await node.done(supervisor, 'contact.merge', { id, intoId })
    await node.done(engine.system, 'contact.continueMerge', { id, conversationIds })
    await take(`m4 ${id}`, first)
  }
  await node.done(supervisor, 'contact.unmerge', { id: a })
  await node.done(engine.system, 'contact.continueUnmerge', { id: a, fromId: c, conversationIds })
  await take('m5', first)
  await node.done(admin, 'contact.erase', { id: c })
  const aliasIds = (await engine.facts('contact-')).flatMap(fact =>
    fact.type === 'contact.erased' ? fact.data.aliasIds : [],
  )
  await node.done(engine.system, 'contact.forget', { id: c, aliasIds, conversationIds })
  const counts = { filesRemoved: 0, lettersErased: 0, ticketsClosed: 1 }
  await node.done(engine.system, 'contact.completeErasure', { id: c, ...counts })
  for (const from of [middle, last]) await take(`m6 ${from.value}`, from)
  return engine
}

const write = async (engine: Engine, node: Node, who: Parameters<Node['done']>[0], ticketId: string) => {
  const outcomes = [
    [{ outcome: 'sent', providerMessageId: 'w1' }],
    [
      { outcome: 'refused', reason: 'slow down', retryable: true },
      { outcome: 'sent', providerMessageId: 'w2' },
    ],
    [{ outcome: 'unknown', reason: 'cut' }],
    [{ outcome: 'refused', reason: 'no such number', code: '131026', retryable: false }],
  ]
  for (const [i, results] of outcomes.entries()) {
    const { id: messageId } = await node.done(
      who,
      'message.send',
      { ticketId, body: `Hello ${i}` },
      { key: `k${i}` },
    )
    for (const result of results) {
      await node.done(engine.system, 'message.startSending', { ticketId, messageId, fence: '1' })
      await node.done(engine.system, 'message.recordOutcome', { ticketId, messageId, result })
    }
    if (i === 0)
      for (const ack of ['delivered', 'read'] as const)
        await node.done(engine.system, 'message.recordStatus', {
          sessionId: engine.companyId,
          status: {
            providerMessageId: 'w1',
            ref: `ticket.${ticketId}.${messageId}`,
            ack,
            at: new Date().toISOString(),
          },
        })
    if (i === 3) await node.done(who, 'message.retry', { ticketId, messageId })
  }
}

const connect = async (engine: Engine, node: Node, place: Awaited<ReturnType<Engine['found']>>) => {
  const id = place.sessionId
  const record = async (change: object): Promise<void> => {
    const { state } = await node.directory.state(sessionKind, { company: engine.companyId, id })
    const answer = await node.ask(engine.system, 'session.recordLink', {
      id,
      fence: state.context.fence,
      change,
    })
    if (isRefusal(answer)) throw new Error(`${JSON.stringify(change)}: ${answer.detail}`)
  }
  for (const end of ['replaced', 'restricted', 'failed', 'logged-out'] as const) {
    await node.done(place.admin, 'session.start', { id })
    await node.done(engine.system, 'session.own', { id, node: 'node-1' })
    await record({ state: 'awaiting-scan' })
    await record({ state: 'syncing' })
    await record({ state: 'connected', account: '551130000000' })
    await record({ state: 'disconnected', reason: 'cut', code: '428' })
    await record({ state: 'connected', account: '551130000000' })
    await record({ state: end, reason: 'as the channel says' })
  }
  await node.done(place.admin, 'session.change', { id, name: 'Desk', settings: { reopenMinutes: 30 } })
  await node.done(place.admin, 'session.start', { id })
  await node.done(place.admin, 'session.stop', { id })
  await node.done(place.admin, 'session.remove', { id })
}
