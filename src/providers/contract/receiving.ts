import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { must } from '../../shared/must.ts'
import type { InboundMessage } from '../provider.ts'
import { fileOf, MEDIA_KINDS, MIME, writtenOf } from './samples.ts'
import type { Scene } from './scene.ts'
import type { WrittenKind } from './stage.ts'

const UNTIL = { timeout: 10_000, interval: 10 }

/** What the customer does: each kind that the channel can tell. */
export const receivingContract = (
  receives: readonly WrittenKind[],
  presence: boolean,
  scene: Scene,
): void => {
  const newest = (): InboundMessage => {
    const item = must(scene.items().at(-1), 'an item')
    if (item.item !== 'message') throw new Error(`an item of another kind: ${item.item}`)
    return item.message
  }

  test.each(receives)('receives: %s', async kind => {
    const connection = await scene.connected()
    const does = must(scene.stage().does, 'does')
    const first = randomUUID()
    await scene.stage().write('antes', first)
    const id = randomUUID()
    const { written, item } = writtenOf(kind, first)
    await does(written, id)
    expect(newest()).toMatchObject({ fromMe: false, late: false, ...item })
    expect(newest().chat.addresses).toContainEqual(scene.customer())
    const message = newest()
    if (message.type !== 'message') return
    // Reactions, edits and revokes carry what they are about; whether they have an id of their own is the channel's.
    expect(message.providerMessageId).toBe(id)
    expect(message.raw).toBeTypeOf('object')
    if (kind === 'unsupported') expect(message.text).not.toBe('')
    const media = MEDIA_KINDS.find(known => known === kind)
    if (!media) return
    const { providerMediaId, mime } = must(message.media, 'its file')
    expect(mime.split(';')[0]).toBe(MIME[media].split(';')[0])
    const got = await connection.fetchMedia(providerMediaId)
    const parts: Uint8Array[] = []
    for await (const part of got.bytes) parts.push(part)
    expect(Buffer.compare(Buffer.concat(parts), fileOf(media))).toBe(0)
    // With less room than that it is refused, before its first byte or once they are too many.
    const reading = connection.fetchMedia(providerMediaId, 1).then(async ({ bytes }) => {
      for await (const _ of bytes) continue
    })
    await expect(reading).rejects.toMatchObject({ name: 'MediaTooLarge', limit: 1 })
  })

  if (receives.includes('text')) {
    test('a quote of the customer’s names its message', async () => {
      await scene.connected()
      const first = randomUUID()
      await scene.stage().write('antes', first)
      await must(scene.stage().does, 'does')(
        { kind: 'text', text: 'sobre isto', quoted: first },
        randomUUID(),
      )
      expect(newest()).toMatchObject({ text: 'sobre isto', quotedProviderMessageId: first })
    })
  }

  if (receives.some(kind => MEDIA_KINDS.some(media => media === kind))) {
    test('a file that the channel does not have is an error, not an empty file', async () => {
      const connection = await scene.connected()
      await expect(connection.fetchMedia(randomUUID())).rejects.toThrow()
    })
  }

  if (receives.includes('reaction')) {
    test('the customer takes a reaction back', async () => {
      await scene.connected()
      const first = randomUUID()
      await scene.stage().write('antes', first)
      await must(scene.stage().does, 'does')({ kind: 'reaction', target: first, emoji: '' }, randomUUID())
      expect(newest()).toMatchObject({ type: 'reaction', target: first, emoji: '' })
    })
  }

  if (presence) {
    test('the customer is seen writing', async () => {
      await scene.connected()
      await must(scene.stage().types, 'types')()
      await vi.waitFor(() => expect(scene.presences().map(p => p.doing)).toContain('typing'), UNTIL)
      expect(scene.presences().at(-1)?.chat).toContainEqual(scene.customer())
    })
  }
}
