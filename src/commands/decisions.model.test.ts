import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLive } from '../actors/live.ts'
import { addressOf } from '../eventstore/streams.ts'
import { ALL_KINDS } from '../../test/support/chart-facts.ts'
import { openEngine } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'

/**
 * Whatever is asked, in whatever order: a command answers or refuses. A decision that made a fact which the chart does
 * not take where it stands would throw, and whatever was written must be a history that the chart explains.
 */
const customers = [0, 1].map(n => [phone(`551198765000${n}`)])
const ASKS = [
  'take',
  'sticker',
  'mirrored',
  'ticket.accept',
  'ticket.return',
  'ticket.takeover',
  'ticket.close',
  'ticket.close silently',
  'ticket.reopen',
  'ticket.read',
  'message.send',
  'message.startSending',
  'sent',
  'unknown',
  'refused',
  'later',
  'delivered',
  'read',
  'message.retry',
  'user',
  'session.start',
  'session.stop',
  'contact.block',
  'contact.unblock',
] as const
const step = fc.record({ ask: fc.constantFrom(...ASKS), which: fc.nat({ max: 7 }) })

test('no decision makes a fact that its chart refuses, and every history is explained', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async steps => {
      const engine = await openEngine()
      try {
        await live(engine, steps)
      } finally {
        await engine.close()
      }
    }),
    { numRuns: 8 },
  )
})

type Steps = readonly { readonly ask: (typeof ASKS)[number]; readonly which: number }[]

const live = async (engine: Awaited<ReturnType<typeof openEngine>>, steps: Steps): Promise<void> => {
  const place = await engine.found()
  const node = engine.node()
  const idsOf = async (prefix: string) => [
    ...new Set((await engine.events(prefix)).map(({ stream }) => addressOf(stream).id)),
  ]
  const messages: { ticketId: string; messageId: string }[] = []
  let count = 0
  const results = {
    sent: { outcome: 'sent', providerMessageId: 'w' },
    unknown: { outcome: 'unknown', reason: 'cut' },
    refused: { outcome: 'refused', reason: 'no such number', retryable: false },
    later: { outcome: 'refused', reason: 'slow down', retryable: true },
  } as const
  const take = (which: number, more: object = {}) =>
    node.intake.take(engine.companyId, place.sessionId, [
      text(`m${count++}`, customers[which % customers.length]!, more),
    ])

  await take(0)
  for (const { ask, which } of steps) {
    const tickets = await idsOf('ticket-')
    const id = tickets[which % tickets.length]!
    const message = messages[which % Math.max(1, messages.length)]
    const agent = which % 2 === 0 ? place.ana : place.supervisor
    if (ask === 'take') await take(which)
    else if (ask === 'sticker') await take(which, { kind: 'sticker' })
    else if (ask === 'mirrored') await take(which, { fromMe: true })
    else if (ask === 'ticket.close silently')
      await node.ask(place.supervisor, 'ticket.close', { id, silent: true })
    else if (ask === 'message.send') {
      const answer = await node.ask(agent, ask, { ticketId: id, body: 'Hello' }, { key: `k${count++}` })
      if ('id' in answer) messages.push({ ticketId: id, messageId: answer.id })
    } else if (ask === 'user') await node.ask(place.admin, 'user.deactivate', { id: place.bob.userId })
    else if (ask === 'session.start' || ask === 'session.stop')
      await node.ask(place.admin, ask, { id: place.sessionId })
    else if (ask === 'contact.block' || ask === 'contact.unblock') {
      const contacts = await idsOf('contact-')
      await node.ask(agent, ask, { id: contacts[which % contacts.length]! })
    } else if (ask.startsWith('ticket.')) await node.ask(agent, ask, { id })
    else if (!message) continue
    else if (ask === 'message.retry') await node.ask(agent, ask, message)
    else if (ask === 'message.startSending') await node.ask(engine.system, ask, { ...message, fence: '1' })
    else if (ask === 'delivered' || ask === 'read') {
      const ref = `ticket.${message.ticketId}.${message.messageId}`
      const status = { providerMessageId: 'w', ref, ack: ask, at: new Date().toISOString() }
      await node.ask(engine.system, 'message.recordStatus', { sessionId: place.sessionId, status })
    } else if (ask in results) {
      const result = results[ask as keyof typeof results]
      await node.ask(engine.system, 'message.recordOutcome', { ...message, result })
    }
  }

  const events = await engine.events()
  for (const stream of new Set(events.map(event => event.stream))) {
    const address = addressOf(stream)
    const kind = ALL_KINDS.find(({ type }) => type === address.type)!
    const replayed = createLive(kind, stream)
    for (const event of events) if (event.stream === stream) replayed.evolve(event)
    const { state } = await node.directory.state(kind, address)
    expect(JSON.parse(JSON.stringify(state))).toEqual(JSON.parse(JSON.stringify(replayed.snapshot())))
  }
  expect(node.directory.quarantined()).toEqual([])
  expect(events.filter(({ stream }) => stream.startsWith('deadletter-'))).toEqual([])
}
