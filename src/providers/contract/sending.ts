import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { must } from '../../shared/must.ts'
import type { Capabilities, Connection, MessageKey, OutboundContent, OutboundKind } from '../provider.ts'
import { ALL_KINDS, fileOf, MEDIA_KINDS, MIME, mediaOf, outboundOf, type MediaKind } from './samples.ts'
import type { Scene } from './scene.ts'
import type { Seen } from './stage.ts'

const UNTIL = { timeout: 10_000, interval: 10 }

/** What we say: each kind that the channel can, and each that it cannot refused with a clear word. */
export const sendingContract = (can: Capabilities, scene: Scene): void => {
  const lastSeen = async (): Promise<Seen> =>
    must((await scene.stage().sent()).at(-1), 'a message that was sent')

  /** The sample's type, or one that this channel takes instead. */
  const typeOf = (kind: OutboundKind): string | undefined => {
    const media = MEDIA_KINDS.find((known): known is MediaKind => known === kind)
    if (!media) return undefined
    const plain = must(MIME[media].split(';')[0], media)
    const types = can.mediaTypes[media] ?? [plain]
    const takes = types.some(t => t === plain || (t.endsWith('/*') && plain.startsWith(t.slice(0, -1))))
    return takes ? MIME[media] : must(types[0], media)
  }

  /** A reaction answers the customer; an edit and a revoke change what we said ourselves. */
  const targetFor = async (kind: OutboundKind, connection: Connection): Promise<MessageKey> => {
    if (kind === 'edit' || kind === 'revoke') {
      const said = await connection.send(scene.outbound({ kind: 'text', body: 'olá' }))
      if (said.outcome !== 'sent') throw new Error(said.reason)
      return { providerMessageId: said.providerMessageId, fromMe: true }
    }
    const id = randomUUID()
    if (kind === 'reaction') await scene.stage().write('oi', id)
    return { providerMessageId: id, fromMe: false }
  }

  const able = ALL_KINDS.filter(kind => can.kinds.includes(kind))
  test.each(able)('sends: %s', async kind => {
    const connection = await scene.connected()
    const { content, seen } = outboundOf(kind, await targetFor(kind, connection), typeOf(kind))
    const result = await connection.send(scene.outbound(content))
    expect(result).toMatchObject({ outcome: 'sent' })
    const { file, ...words } = seen
    const got = await lastSeen()
    expect(got).toMatchObject(words)
    if (file) expect(Buffer.compare(must(got.file, 'the file'), file)).toBe(0)
  })

  const unable = ALL_KINDS.filter(kind => !can.kinds.includes(kind))
  if (unable.length > 0) {
    test.each(unable)('refuses for good what it cannot: %s', async kind => {
      const connection = await scene.connected()
      const { content } = outboundOf(kind, { providerMessageId: randomUUID(), fromMe: true })
      expect(await connection.send(scene.outbound(content))).toMatchObject({
        outcome: 'refused',
        code: 'unsupported-kind',
        retryable: false,
      })
      expect(await scene.stage().sent()).toEqual([])
    })
  }

  const media = MEDIA_KINDS.filter(kind => can.kinds.includes(kind))
  if (media.length > 0) {
    test.each(media)('a text with it is carried or refused, never left out: %s', async kind => {
      const connection = await scene.connected()
      const message = scene.outbound({ kind, media: mediaOf(kind, fileOf(kind), typeOf(kind)), body: 'veja' })
      const result = await connection.send(message)
      if (can.captions.includes(kind)) {
        expect(result).toMatchObject({ outcome: 'sent' })
        expect(await lastSeen()).toMatchObject({ kind, body: 'veja' })
      } else {
        expect(result).toMatchObject({ outcome: 'refused', code: 'unsupported-caption', retryable: false })
        expect(await scene.stage().sent()).toEqual([])
      }
    })

    test('a file over the limit, or of a type that it does not take, is refused before it is read', async () => {
      const connection = await scene.connected()
      const unread = { open: () => Promise.reject(new Error('was read')) }
      for (const kind of media) {
        const max = can.mediaBytesMax[kind]
        if (max !== undefined) {
          const huge = { ...mediaOf(kind), ...unread, size: max + 1 }
          expect(await connection.send(scene.outbound({ kind, media: huge, body: '' }))).toMatchObject({
            outcome: 'refused',
            code: 'media-too-large',
            retryable: false,
          })
        }
        const types = can.mediaTypes[kind]
        if (types && !types.includes('*/*')) {
          const odd = { ...mediaOf(kind), ...unread, mime: 'application/x-unheard-of' }
          expect(await connection.send(scene.outbound({ kind, media: odd, body: '' }))).toMatchObject({
            outcome: 'refused',
            code: 'media-type-unsupported',
            retryable: false,
          })
        }
      }
      expect(await scene.stage().sent()).toEqual([])
    })

    test('a file that cannot be read is refused, and nothing was said', async () => {
      const connection = await scene.connected()
      const [kind] = media as [(typeof media)[number]]
      const broken = { ...mediaOf(kind), open: () => Promise.reject(new Error('the store is away')) }
      expect(await connection.send(scene.outbound({ kind, media: broken, body: '' }))).toMatchObject({
        outcome: 'refused',
        retryable: true,
      })
      expect(await scene.stage().sent()).toEqual([])
    })
  }

  if (can.kinds.includes('reaction')) {
    test('a reaction is taken back', async () => {
      const connection = await scene.connected()
      const target = await targetFor('reaction', connection)
      await connection.send(scene.outbound({ kind: 'reaction', target, emoji: '👍' }))
      await connection.send(scene.outbound({ kind: 'reaction', target, emoji: '' }))
      expect(await lastSeen()).toMatchObject({
        kind: 'reaction',
        target: target.providerMessageId,
        emoji: '',
      })
    })
  }

  test('a quote names its message, or is refused', async () => {
    const connection = await scene.connected()
    const id = randomUUID()
    await scene.stage().write('quanto custa?', id)
    const quoted = { providerMessageId: id, fromMe: false }
    const result = await connection.send(scene.outbound({ kind: 'text', body: 'dez' }, { quoted }))
    if (can.quotes) expect(await lastSeen()).toMatchObject({ body: 'dez', target: id })
    else expect(result).toMatchObject({ outcome: 'refused', code: 'unsupported-quote', retryable: false })
  })

  if (can.windowHours !== null) {
    test('outside the window only a template goes', async () => {
      const connection = await scene.connected()
      const lastInboundAt = new Date(
        Date.now() - must(can.windowHours, 'hours') * 3_600_000 - 1_000,
      ).toISOString()
      const late = { lastInboundAt }
      expect(await connection.send(scene.outbound({ kind: 'text', body: 'oi' }, late))).toMatchObject({
        outcome: 'refused',
        code: 'window-closed',
        retryable: false,
      })
      expect(await scene.stage().sent()).toEqual([])
      if (!can.kinds.includes('template')) return
      const { content } = outboundOf('template', { providerMessageId: '', fromMe: true })
      expect(await connection.send(scene.outbound(content, late))).toMatchObject({ outcome: 'sent' })
    })
  }

  if (can.kinds.includes('template')) {
    test('sends the file above a template, and what fills its buttons', async () => {
      const connection = await scene.connected()
      const { content } = outboundOf('template', { providerMessageId: '', fromMe: true })
      const filled = {
        ...content,
        name: 'of_many_parts',
        header: { type: 'image' as const, media: mediaOf('image', fileOf('image'), typeOf('image')) },
        buttons: [{ type: 'url' as const, text: 'Open', value: 'https://example.com/1', parameter: '1' }],
      }
      expect(await connection.send(scene.outbound(filled as OutboundContent))).toMatchObject({
        outcome: 'sent',
      })
      const got = await lastSeen()
      expect(Buffer.compare(must(got.file, 'the file'), fileOf('image'))).toBe(0)
      expect(got.template?.at(-1)).toBe('1')
    })

    test('lists its templates', async () => {
      const connection = await scene.connected()
      const found = await must(connection.templates, 'templates')()
      expect(found.length).toBeGreaterThan(0)
      for (const template of found) expect(template.places).toBe((template.body.match(/\{\{/g) ?? []).length)
    })
  }

  if (can.readReceipts) {
    test('the customer is told what was read', async () => {
      const connection = await scene.connected()
      const read = must(scene.stage().read, 'read')
      const id = randomUUID()
      await scene.stage().write('oi', id)
      await connection.markRead([scene.customer()], [id])
      await vi.waitFor(async () => expect(await read()).toContain(id), UNTIL)
    })
  }

  if (can.typing) {
    test('the customer sees that somebody writes', async () => {
      const connection = await scene.connected()
      const seesTyping = must(scene.stage().seesTyping, 'seesTyping')
      const id = randomUUID()
      await scene.stage().write('oi', id)
      await connection.markRead([scene.customer()], [id])
      await must(connection.typing, 'typing')([scene.customer()], true)
      await vi.waitFor(async () => expect(await seesTyping()).toBe(true), UNTIL)
    })
  }
}
