import { expect, test } from 'vitest'
import { phone, text } from '../support/inbound.ts'
import { openEngine } from '../support/engine.ts'

test('nobody reads a message of another ticket by quoting it', async () => {
  const engine = await openEngine()
  const place = await engine.found()
  const node = engine.node()
  await node.intake.take(engine.companyId, place.sessionId, [
    text('hidden', [phone('5511987654321')]),
    text('seen', [phone('5511987654322')]),
  ])
  const received = (await engine.facts('ticket-')).flatMap(fact =>
    fact.type === 'message.received' ? [{ ticketId: fact.stream.split('.')[1]!, ...fact.data }] : [],
  )
  const of = (id: string) => received.find(({ personal }) => personal?.providerMessageId === id)!
  const ticketId = of('seen').ticketId
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
  const send = (quotedId: string) => node.ask(place.ana, 'message.send', { ticketId, body: 'hi', quotedId })
  expect(await send(of('hidden').messageId)).toMatchObject({ refused: 'invalid' })
  const own = await send(of('seen').messageId)
  expect(own).toMatchObject({ duplicate: false })
  expect(await send((own as { id: string }).id)).toMatchObject({ duplicate: false })
  await engine.close()
})
