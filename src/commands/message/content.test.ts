import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEngine, type Engine } from '../../../test/support/engine.ts'
import { phone, text } from '../../../test/support/inbound.ts'

let engine: Engine
beforeEach(async () => {
  engine = await openEngine()
})
afterEach(() => engine.close())

const sentAs = async (uploads: readonly (readonly [mime: string, kind: string])[]) => {
  const place = await engine.found()
  const node = engine.node()
  await node.intake.take(engine.companyId, place.sessionId, [text('m1', [phone('5511987654321')])])
  const [opened] = (await engine.facts()).filter(({ type }) => type === 'ticket.opened')
  const ticketId = opened?.stream.split('.')[1] ?? ''
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
  const answers: string[] = []
  for (const [mime, kind] of uploads) {
    const id = crypto.randomUUID()
    const file = { id, key: 'company/sha', mime, size: 3, sha256: 'sha', name: 'a' }
    engine.uploads.set(id, { ...file, kind: 'document' })
    const answer = await node.ask(place.ana, 'message.send', { ticketId, uploadId: id, kind })
    answers.push('refused' in answer ? answer.refused : 'sent')
  }
  return answers
}

test('a file is sent as what its sender wishes only where its bytes are that', async () => {
  const wishes = [
    ['image/png', 'image'],
    ['image/png', 'document'],
    ['image/webp', 'sticker'],
    ['audio/ogg; codecs=opus', 'voice'],
    ['audio/ogg; codecs=opus', 'audio'],
    ['video/mp4', 'video'],
    ['image/png', 'voice'],
    ['image/png', 'sticker'],
    ['application/pdf', 'image'],
    ['application/zip', 'audio'],
    ['image/svg+xml', 'image'],
    ['audio/mpeg', 'voice'],
  ] as const
  const answers = await sentAs(wishes)
  expect(wishes.map(([mime, kind], i) => `${mime} as ${kind}: ${answers[i]}`)).toEqual([
    'image/png as image: sent',
    'image/png as document: sent',
    'image/webp as sticker: sent',
    'audio/ogg; codecs=opus as voice: sent',
    'audio/ogg; codecs=opus as audio: sent',
    'video/mp4 as video: sent',
    'image/png as voice: invalid',
    'image/png as sticker: invalid',
    'application/pdf as image: invalid',
    'application/zip as audio: invalid',
    'image/svg+xml as image: invalid',
    'audio/mpeg as voice: invalid',
  ])
})
