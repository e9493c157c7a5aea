import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'
import type { Act } from '../act.ts'
import { settingsOf } from './settings.ts'
import { MEDIA_BYTES_MAX, MEDIA_BYTES_MAX_LEAST } from '../../shared/media-limits.ts'

let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
})
afterEach(() => engine.close())

const change = (input: object) => node.ask(place.admin, 'company.changeSettings', input)
const changed = async () =>
  (await engine.facts('company-')).flatMap(fact =>
    fact.type === 'company.settingsChanged' ? [fact.data] : [],
  )

test('what is chosen is recorded once; what is absent stays, and null is what the installation has', async () => {
  await change({ inboundMediaBytesMax: 1_000_000, tellTooLarge: false })
  await change({ inboundMediaBytesMax: 1_000_000, tellTooLarge: false })
  await change({ outboundMediaBytesMax: 2_000_000 })
  await change({ inboundMediaBytesMax: null })
  await change({})
  expect(await changed()).toEqual([
    { inboundMediaBytesMax: 1_000_000, tellTooLarge: false },
    { outboundMediaBytesMax: 2_000_000 },
    { inboundMediaBytesMax: null },
  ])
})

test.each([
  ['over the installation’s limit', { inboundMediaBytesMax: MEDIA_BYTES_MAX + 1 }],
  ['less than a photo', { outboundMediaBytesMax: MEDIA_BYTES_MAX_LEAST - 1 }],
])('%s nothing may be chosen', async (_, input) => {
  expect(await change(input)).toMatchObject({ refused: 'invalid' })
  expect(await changed()).toEqual([])
})

test('what was chosen counts for no more than the installation takes', async () => {
  await change({ inboundMediaBytesMax: MEDIA_BYTES_MAX, outboundMediaBytesMax: 70_000 })
  const state: Act['state'] = (kind, id) => node.directory.state(kind, { company: engine.companyId, id })
  const act = { principal: place.admin, state, tools: { mediaBytesMax: 80_000 } }
  expect(await settingsOf(act)).toMatchObject({
    inboundMediaBytesMax: 80_000,
    outboundMediaBytesMax: 70_000,
  })
})

test('a file over the limit is sent by nobody: uploaded before, it is refused by its size', async () => {
  await node.intake.take(engine.companyId, place.sessionId, [text('m1', [phone('5511987654321')])])
  const ticketId = (await engine.facts('ticket-'))[0]!.stream.split('.')[1]!
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
  const uploadId = '0195c3a4-7d11-7000-8000-000000000001'
  engine.uploads.set(uploadId, {
    id: uploadId,
    key: `${engine.companyId}/${'a'.repeat(64)}`,
    mime: 'image/png',
    size: 70_001,
    sha256: 'a'.repeat(64),
    name: 'a.png',
    kind: 'image',
  })
  await change({ outboundMediaBytesMax: 70_000 })
  expect(await node.ask(place.ana, 'message.send', { ticketId, uploadId })).toMatchObject({
    refused: 'too-large',
    data: { max: 70_000 },
  })
  await change({ outboundMediaBytesMax: 70_001 })
  expect(await node.ask(place.ana, 'message.send', { ticketId, uploadId })).not.toHaveProperty('refused')
})
