import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEngine, type Engine, type Node } from '../../test/support/engine.ts'
import { phone, text } from '../../test/support/inbound.ts'
import { isRefusal } from '../commands/define.ts'
import { foldTicket } from '../projections/time-travel.ts'
import type { InboundItem, InboundMessage, OutboundMessage, SendResult } from '../providers/provider.ts'
import { silentLog } from '../shared/log.ts'
import { channelReads } from './channel-reads.ts'
import { createSender } from './send.ts'
import { sentBefore } from './sent-before.ts'

/** Everything that an agent may say and do, from the command to the channel and back into the ticket. */
let engine: Engine
let node: Node
let place: Awaited<ReturnType<Engine['found']>>
let ticketId: string
let conversationId: string
let theirs: string
let wire: OutboundMessage[]
let answer: SendResult | null
let count: number

const MARIA = phone('5511987654321')

beforeEach(async () => {
  wire = []
  answer = null
  count = 0
  engine = await openEngine()
  place = await engine.found()
  node = engine.node()
  await node.intake.take(engine.companyId, place.sessionId, [text('m1', [MARIA])])
  const facts = await engine.facts('ticket-')
  const [opened] = facts.filter(fact => fact.type === 'ticket.opened')
  ticketId = opened!.stream.split('.')[1]!
  conversationId = opened!.data.conversationId
  theirs = facts.flatMap(fact => (fact.type === 'message.received' ? [fact.data.messageId] : []))[0]!
  await node.done(place.ana, 'ticket.accept', { id: ticketId })
})
afterEach(() => engine.close())

const key = (): string => `${engine.companyId}/${'a'.repeat(64)}`
const bytes = Buffer.from('a picture')
const media = {
  get: (asked: string) =>
    Promise.resolve(
      asked === key()
        ? {
            info: { size: bytes.length, mime: 'image/png', storedAt: 0 },
            bytes: (async function* () {
              yield await Promise.resolve(bytes)
            })(),
          }
        : null,
    ),
}
const reads = () => channelReads({ store: engine.store, keys: engine.keys, directory: node.directory })
const ring = (): Promise<unknown> =>
  createSender(
    {
      companyId: engine.companyId,
      sessionId: place.sessionId,
      fence: '3',
      link: {
        state: () => 'connected',
        send: message => {
          wire.push(message)
          return Promise.resolve(answer ?? { outcome: 'sent', providerMessageId: `wire-${++count}` })
        },
      },
    },
    {
      door: node.door,
      directory: node.directory,
      reads: reads(),
      media,
      clock: engine.clock,
      random: () => 0,
      log: silentLog,
    },
  )({ ticketId, conversationId })

const send = (content: object) => node.done(place.ana, 'message.send', { ticketId, ...content })
const asked = (command: string, messageId: string, more: object = {}, who = place.ana) =>
  node.ask(who, command, { ticketId, messageId, ...more })
const did = async (...call: Parameters<typeof asked>): Promise<string> => {
  const done = await asked(...call)
  if (isRefusal(done)) throw new Error(done.detail)
  return done.id
}
const row = async (id: string) =>
  foldTicket(await engine.facts('ticket-'))!.messages.find(one => one.id === id)!
const typesAbout = async (id: string) =>
  (await engine.facts('ticket-')).flatMap(fact =>
    'messageId' in fact.data && fact.data.messageId === id ? [fact.type] : [],
  )
const upload = {
  id: crypto.randomUUID(),
  mime: 'image/png',
  size: bytes.length,
  sha256: 'a'.repeat(64),
  name: 'a.png',
}

describe('what an agent writes reaches the channel as it was meant', () => {
  test('a file, read anew at each asking, with its caption and name', async () => {
    engine.uploads.set(upload.id, { ...upload, key: key(), kind: 'image' })
    const { id } = await send({ uploadId: upload.id, body: 'look' })
    await ring()
    const [message] = wire
    if (message?.kind !== 'image') throw new Error('no picture')
    expect(message).toMatchObject({ body: 'look', media: { mime: 'image/png', size: 9, name: 'a.png' } })
    for (const _ of [1, 2]) {
      const read: Uint8Array[] = []
      for await (const chunk of await message.media.open()) read.push(chunk)
      expect(Buffer.concat(read).toString()).toBe('a picture')
    }
    expect(await row(id)).toMatchObject({ kind: 'image', body: 'look', ack: 'sent', media: { key: key() } })
  })

  test('a file that is gone fails, and the channel is asked for nothing', async () => {
    engine.uploads.set(upload.id, {
      ...upload,
      key: `${engine.companyId}/${'b'.repeat(64)}`,
      kind: 'document',
    })
    const { id } = await send({ uploadId: upload.id, kind: 'document' })
    await ring()
    expect(wire).toEqual([])
    expect(await row(id)).toMatchObject({ ack: 'failed', error: { reason: 'media-gone' } })
  })

  test('places, people, choices and templates', async () => {
    const location = { latitude: -23.55, longitude: -46.63, name: 'Acme' }
    const contacts = [{ name: 'Ana', phones: ['+55 11 98765-4321'] }]
    const interactive = { type: 'buttons', buttons: [{ id: 'y', title: 'Yes' }] }
    const template = { name: 'hello', language: 'pt_BR', parameters: ['Maria'] }
    const ids: string[] = []
    for (const content of [
      { location },
      { contacts },
      { interactive, body: 'Sure?' },
      { template, body: 'Hello Maria' },
    ])
      ids.push((await send(content)).id)
    await ring()
    expect(wire).toMatchObject([
      { kind: 'location', ...location },
      { kind: 'contacts', cards: contacts },
      { kind: 'interactive', body: 'Sure?', choices: interactive },
      { kind: 'template', ...template, body: 'Hello Maria' },
    ])
    const details = await Promise.all(ids.map(async id => (await row(id)).details))
    expect(details).toEqual([location, contacts, interactive, template])
    expect((await row(ids[0]!)).body).toContain('Acme')
  })

  test('a template with a file above, and what fills its buttons; forwarded, it is the words and the file', async () => {
    engine.uploads.set(upload.id, { ...upload, key: key(), kind: 'document' })
    const template = {
      name: 'shipped',
      language: 'en',
      parameters: ['Maria'],
      header: { type: 'image' },
      footer: 'Fio',
      buttons: [{ type: 'url', text: 'Track', value: 'https://example.com/4711', parameter: '4711' }],
    }
    const { id } = await send({ template, uploadId: upload.id, body: 'Hello Maria' })
    await ring()
    const { footer: _, ...said } = template
    expect(wire).toMatchObject([
      { kind: 'template', ...said, header: { type: 'image', media: { mime: 'image/png' } } },
    ])
    expect(await row(id)).toMatchObject({
      kind: 'template',
      body: 'Hello Maria',
      media: { key: key(), name: 'a.png' },
      details: template,
    })
    const forwarded = await did('message.forward', id, { toTicketId: ticketId })
    expect(await row(forwarded)).toMatchObject({ kind: 'image', body: 'Hello Maria', media: { key: key() } })
  })

  test('the file above a template is one, of the kind that it wants, and within the channel’s limits', async () => {
    const template = { name: 'shipped', language: 'en', header: { type: 'image' } }
    const ask = (more: object) => asked('message.send', '', { template, body: 'Hello', ...more })
    expect(await ask({})).toMatchObject({ refused: 'invalid' })
    engine.uploads.set(upload.id, { ...upload, key: key(), mime: 'application/pdf', kind: 'document' })
    expect(await ask({ uploadId: upload.id })).toMatchObject({
      refused: 'invalid',
      detail: 'template.header: a file of application/pdf cannot be sent as image.',
    })
    engine.uploads.set(upload.id, { ...upload, key: key(), kind: 'image' })
    engine.channel.capabilities = { ...engine.channel.capabilities, mediaBytesMax: { image: 1 } }
    expect(await ask({ uploadId: upload.id })).toMatchObject({
      refused: 'unsupported-by-channel',
      data: { what: 'size', kind: 'image', max: 1 },
    })
  })

  test.each([
    ['a code', { buttons: [{ type: 'copy-code', text: 'Copy' }] }],
    ['a code that is too long', { buttons: [{ type: 'otp', text: 'Copy', parameter: '1'.repeat(16) }] }],
    ['too long a header', { header: { type: 'text', text: 'x'.repeat(61) } }],
    ['a line break in a place', { parameters: ['a\nb'] }],
  ])('of a template is refused: %s', async (_name, parts) => {
    const template = { name: 'sale', language: 'en', ...parts }
    expect(await asked('message.send', '', { template, body: 'Hello' })).toMatchObject({ refused: 'invalid' })
  })

  describe('a file that is over the channel’s limit', () => {
    const tooLarge = { mediaBytesMax: { image: 1 } }
    const given = () =>
      engine.uploads.set(upload.id, { ...upload, key: key(), kind: 'image', size: 3 * 2 ** 20 })

    test('goes as a link in the company’s language, and is shown as the file that it is', async () => {
      engine.channel.capabilities = { ...engine.channel.capabilities, ...tooLarge }
      given()
      const { id } = await send({ uploadId: upload.id, body: 'look' })
      await ring()
      const [said] = wire
      if (said?.kind !== 'text') throw new Error('no text')
      expect(said.body).toMatch(
        new RegExp(
          `^look\n\n📎 a\\.png \\(3 MB\\)\n.*\nhttps://fio\\.example/files/${engine.companyId}/${id}/`,
        ),
      )
      expect(await row(id)).toMatchObject({
        kind: 'image',
        body: 'look',
        media: { key: key(), name: 'a.png', linkUntil: expect.any(String) as string },
      })
    })

    test('goes as one too where the conversation begins with it', async () => {
      engine.channel.capabilities = { ...engine.channel.capabilities, ...tooLarge }
      given()
      const [fact] = (await engine.facts('ticket-')).filter(one => one.type === 'ticket.opened')
      const { contactId } = fact!.data
      await node.done(place.ana, 'ticket.close', { id: ticketId })
      const opened = await node.done(place.ana, 'ticket.open', {
        contactId,
        sessionId: place.sessionId,
        uploadId: upload.id,
      })
      expect(opened.id).not.toBe(ticketId)
      ticketId = opened.id
      await ring()
      const messageId = String(opened.data?.['messageId'])
      expect(wire).toMatchObject([
        {
          kind: 'text',
          body: expect.stringContaining(`/files/${engine.companyId}/${messageId}/`) as string,
        },
      ])
    })

    test('keeps the link: its words cannot be changed', async () => {
      engine.channel.capabilities = { ...engine.channel.capabilities, ...tooLarge }
      given()
      const { id } = await send({ uploadId: upload.id, body: 'look' })
      await ring()
      expect(await asked('message.edit', id, { body: 'see' })).toMatchObject({
        refused: 'not-changeable',
        data: { why: 'kind' },
      })
    })

    test('is forwarded as what the other channel can: the file itself, where that is small enough there', async () => {
      engine.channel.capabilities = { ...engine.channel.capabilities, ...tooLarge }
      given()
      const { id } = await send({ uploadId: upload.id })
      engine.channel.capabilities = { ...engine.channel.capabilities, mediaBytesMax: {} }
      const forwarded = await did('message.forward', id, { toTicketId: ticketId })
      expect((await row(forwarded)).media).not.toHaveProperty('linkUntil')
    })

    test.each([
      [
        'the company wants that',
        async () =>
          void (await node.done(place.admin, 'company.changeSettings', { largeFilesAsLinks: false })),
      ],
      [
        'the channel takes no files of that kind',
        async () => void (engine.channel.capabilities = { ...engine.channel.capabilities, kinds: ['text'] }),
      ],
      [
        'the words with the link are too long',
        async () =>
          void (engine.channel.capabilities = { ...engine.channel.capabilities, textLengthMax: 40 }),
      ],
    ])('is refused where %s', async (_why, make) => {
      engine.channel.capabilities = { ...engine.channel.capabilities, ...tooLarge }
      await make()
      given()
      expect(await asked('message.send', '', { uploadId: upload.id })).toMatchObject({
        refused: 'unsupported-by-channel',
      })
    })
  })

  test('a forwarded message is the same content, said anew', async () => {
    engine.uploads.set(upload.id, { ...upload, key: key(), kind: 'image' })
    const { id } = await send({ uploadId: upload.id, body: 'look' })
    const forwarded = await did('message.forward', id, { toTicketId: ticketId })
    await ring()
    expect(wire.map(({ kind }) => kind)).toEqual(['image', 'image'])
    expect(forwarded).not.toBe(id)
    expect(await row(forwarded)).toMatchObject({ body: 'look', media: { key: key(), name: 'a.png' } })
    const again = await asked('message.forward', crypto.randomUUID(), { toTicketId: ticketId })
    expect(again).toMatchObject({ refused: 'not-found' })
  })

  test('a channel with a window is told when the customer last wrote, and takes no free words after it', async () => {
    engine.channel.capabilities = { ...engine.channel.capabilities, windowHours: 24 }
    expect(await node.ask(place.ana, 'message.send', { ticketId, body: 'hello' })).toMatchObject({
      refused: 'window-closed',
    })
    const sentAt = new Date(engine.clock.now()).toISOString()
    await node.intake.take(engine.companyId, place.sessionId, [text('m2', [MARIA], { sentAt })])
    await send({ body: 'hello' })
    await ring()
    expect(wire).toMatchObject([{ body: 'hello', lastInboundAt: sentAt }])
  })

  test('where people answer, they may for as long as the channel lets people', async () => {
    engine.channel.capabilities = { ...engine.channel.capabilities, windowHours: 24, humanAgentHours: 168 }
    const silentFor = (hours: number) => {
      engine.clock.move(hours * 60)
      return node.ask(place.ana, 'message.send', { ticketId, body: `after ${hours} more hours` })
    }
    const sentAt = new Date(engine.clock.now()).toISOString()
    await node.intake.take(engine.companyId, place.sessionId, [text('m2', [MARIA], { sentAt })])
    expect(await silentFor(25)).toMatchObject({ refused: 'window-closed', data: { hours: 24 } })
    const settings = { reopenPolicy: 'reopen', reopenMinutes: 120, humanAgentTag: true }
    await node.done(place.admin, 'session.change', { id: place.sessionId, settings })
    expect(isRefusal(await silentFor(1))).toBe(false)
    await ring()
    expect(wire).toMatchObject([{ body: 'after 1 more hours', byPerson: true }])
    expect(await silentFor(143)).toMatchObject({ refused: 'window-closed', data: { hours: 168 } })
  })

  test('what was sent is found again by the channel’s id', async () => {
    const { id } = await send({ body: 'hello' })
    await ring()
    const lookups = {
      messageByProviderId: () =>
        Promise.resolve({ stream: `ticket-${engine.companyId}.${ticketId}`, messageId: id, fromMe: true }),
    }
    const find = sentBefore({ lookups, directory: node.directory, reads: reads(), media })
    expect(await find(engine.companyId, place.sessionId, 'wire-1')).toEqual({ kind: 'text', body: 'hello' })
  })
})

describe('what an agent does to a message', () => {
  test('goes out in order behind it, and shows once it was sent', async () => {
    const { id } = await send({ body: 'helo' })
    await did('message.edit', id, { body: 'hello' })
    await did('message.react', theirs, { emoji: '👍' })
    expect(await row(id)).toMatchObject({
      body: 'helo',
      acting: true,
      actions: [{ state: 'pending', body: 'hello' }],
    })
    await ring()
    expect(wire).toMatchObject([
      { kind: 'text', body: 'helo' },
      { kind: 'edit', body: 'hello', target: { providerMessageId: 'wire-1', fromMe: true } },
      { kind: 'reaction', emoji: '👍', target: { providerMessageId: 'm1', fromMe: false } },
    ])
    expect(await row(id)).toMatchObject({
      body: 'hello',
      edits: [{ body: 'helo' }],
      acting: false,
      actions: [],
    })
    expect(await row(theirs)).toMatchObject({ reactions: [{ emoji: '👍', fromMe: true }], actions: [] })
    await did('message.react', theirs, { emoji: '' })
    await did('message.revoke', id)
    await ring()
    expect(await row(theirs)).toMatchObject({ reactions: [] })
    expect(await row(id)).toMatchObject({ body: 'hello', actions: [] })
    expect((await row(id)).deleted_at).not.toBeNull()
    expect(await asked('message.edit', id, { body: 'too late' })).toMatchObject({ refused: 'not-changeable' })
  })

  test('is done once, however often it is asked with one key', async () => {
    for (const _ of [1, 2])
      await node.done(
        place.ana,
        'message.react',
        { ticketId, messageId: theirs, emoji: '👍' },
        { key: 'one' },
      )
    await ring()
    expect(wire).toHaveLength(1)
    expect(await typesAbout(theirs)).toEqual(['message.received', 'message.actionQueued', 'message.reacted'])
  })

  test('and fails, is told of its message until the next try', async () => {
    answer = { outcome: 'refused', reason: 'too old', code: '131', retryable: false }
    const actionId = await did('message.react', theirs, { emoji: '👍' })
    await ring()
    expect(await row(theirs)).toMatchObject({
      reactions: [],
      acting: false,
      actions: [{ id: actionId, state: 'failed', error: { code: '131', reason: 'too old' } }],
    })
    expect(await asked('message.retry', actionId)).toMatchObject({ refused: 'not-retryable' })
    answer = null
    await did('message.react', theirs, { emoji: '👍' })
    await ring()
    expect(await row(theirs)).toMatchObject({ reactions: [{ emoji: '👍' }], actions: [] })
  })

  type Echoed = Pick<Extract<InboundMessage, { type: 'reaction' }>, 'type' | 'target' | 'emoji'>
  const echo = (id: string, more: Echoed): InboundItem => ({
    item: 'message',
    message: {
      providerMessageId: id,
      chat: { addresses: [MARIA], group: false },
      author: { addresses: [MARIA] },
      sentAt: '2026-03-02T12:00:00.000Z',
      late: false,
      fromMe: true,
      ...more,
    },
  })

  test('comes back as an echo without being doubled; the same from the phone later is another', async () => {
    await did('message.react', theirs, { emoji: '👍' })
    await ring()
    const reaction = { type: 'reaction', target: 'm1', emoji: '👍' } as const
    await node.intake.take(engine.companyId, place.sessionId, [echo('wire-1', reaction)])
    expect((await typesAbout(theirs)).filter(type => type === 'message.reacted')).toHaveLength(1)
    await node.intake.take(engine.companyId, place.sessionId, [echo('phone-1', { ...reaction, emoji: '❤️' })])
    expect(await row(theirs)).toMatchObject({ reactions: [{ emoji: '❤️', fromMe: true }] })
  })

  test('and got no answer, is known to be done when its echo comes', async () => {
    answer = { outcome: 'unknown', reason: 'no answer' }
    await did('message.react', theirs, { emoji: '👍' })
    await ring()
    expect(await row(theirs)).toMatchObject({
      actions: [{ state: 'failed', error: { code: 'outcome-unknown' } }],
    })
    const reaction = { type: 'reaction', target: 'm1', emoji: '👍' } as const
    await node.intake.take(engine.companyId, place.sessionId, [echo('late-1', reaction)])
    await node.intake.take(engine.companyId, place.sessionId, [echo('late-1', reaction)])
    expect(await row(theirs)).toMatchObject({ reactions: [{ emoji: '👍', fromMe: true }], actions: [] })
    expect((await typesAbout(theirs)).filter(type => type === 'message.reacted')).toHaveLength(1)
  })

  test('is for its agent and for supervisors, and changes only what was written here', async () => {
    const { id } = await send({ body: 'hello' })
    expect(await asked('message.react', theirs, { emoji: '👍' }, place.bob)).toMatchObject({
      refused: 'not-found',
    })
    for (const command of ['message.edit', 'message.revoke'])
      expect(await asked(command, theirs, { body: 'x' })).toMatchObject({
        refused: 'not-changeable',
        data: { why: 'not-ours' },
      })
    await did('message.revoke', id, {}, place.supervisor)
    engine.channel.capabilities = {
      ...engine.channel.capabilities,
      kinds: ['text', 'edit'],
      editMinutesMax: 15,
    }
    expect(await asked('message.react', theirs, { emoji: '👍' })).toMatchObject({
      refused: 'unsupported-by-channel',
      data: { what: 'kind', kind: 'reaction' },
    })
    const other = await send({ body: 'helo' })
    engine.clock.move(16)
    expect(await asked('message.edit', other.id, { body: 'hello' })).toMatchObject({
      refused: 'not-changeable',
      data: { why: 'too-old' },
    })
  })

  test('of a closed ticket is for supervisors, and for the agent of the live one', async () => {
    await node.done(place.ana, 'ticket.close', { id: ticketId })
    expect(await asked('message.react', theirs, { emoji: '👍' })).toMatchObject({ refused: 'forbidden' })
    await did('message.react', theirs, { emoji: '👍' }, place.supervisor)
    await ring()
    expect(await row(theirs)).toMatchObject({ reactions: [{ emoji: '👍' }] })
  })
})
