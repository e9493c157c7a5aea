import { downloadMediaMessage, normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { BaileysClient } from './baileys-client.ts'
import type { Content } from './content.ts'
import { ANA, arrived, BIA, linked, SHOP } from './linked.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'
import type { Wish } from './write.ts'

let whatsapp: WhatsApp
let fio: BaileysClient
beforeAll(async () => {
  whatsapp = await startWhatsApp({ quickPairing: true })
  fio = await linked(whatsapp)
})
afterAll(async () => {
  expect(await whatsapp.failures({})).toEqual([])
  await fio.end()
  await whatsapp.close()
})

const say = async (content: Content, more: Partial<Wish> = {}) => {
  const { id } = await whatsapp.write({ from: ANA, to: SHOP, content, ...more })
  const { message, type } = await arrived(fio, id)
  return { id, key: message.key, type, message, content: normalizeMessageContent(message.message) }
}
const bytes = Buffer.from('not really a picture, but the very same bytes')

describe('what a customer says reaches the client', () => {
  test.each([
    ['image', 'imageMessage'],
    ['video', 'videoMessage'],
    ['audio', 'audioMessage'],
    ['voice', 'audioMessage'],
    ['document', 'documentMessage'],
    ['sticker', 'stickerMessage'],
  ] as const)('%s, with its sealed bytes', async (kind, field) => {
    const { message, content } = await say({ kind, bytes, caption: 'look', seconds: 3 })
    expect(content?.[field]).toBeTruthy()
    const opened = await downloadMediaMessage(message, 'buffer', {})
    expect(Buffer.compare(opened, bytes)).toBe(0)
  })

  test('location, contacts, poll', async () => {
    const place = await say({ kind: 'location', latitude: -23.5, longitude: -46.6, name: 'Here' })
    expect(place.content?.locationMessage).toMatchObject({ degreesLatitude: -23.5, name: 'Here' })
    const two = [
      { name: 'Bia', number: BIA },
      { name: 'Ana', number: ANA },
    ]
    const cards = await say({ kind: 'contacts', contacts: two })
    expect(cards.content?.contactsArrayMessage?.contacts).toHaveLength(2)
    const poll = await say({ kind: 'poll', question: 'When?', options: ['now', 'later'] })
    expect(poll.content?.pollCreationMessageV3?.name).toBe('When?')
  })

  test('a quote, a reaction, an edit and a revocation point at the message they are about', async () => {
    const first = await say({ kind: 'text', text: 'first' })
    const quoting = await say({ kind: 'text', text: 'and' }, { quoting: first.id })
    expect(quoting.content?.extendedTextMessage?.contextInfo?.stanzaId).toBe(first.id)
    const edit = await say({ kind: 'edit', about: first.id, text: 'better' })
    expect(edit.content?.protocolMessage).toMatchObject({
      type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
      key: { id: first.id },
    })
    const revoke = await say({ kind: 'revoke', about: first.id })
    expect(revoke.content?.protocolMessage).toMatchObject({ key: { id: first.id } })
    const ana = await whatsapp.person({ number: ANA })
    const ours = await fio.socket.sendMessage(ana.lid, { text: 'ours' })
    await until('ours', async () => (await whatsapp.sentTo({ number: ANA })).find(m => m.id === ours?.key.id))
    const reaction = await say({ kind: 'reaction', about: ours?.key.id ?? '', emoji: '👍' })
    expect(reaction.content?.reactionMessage).toMatchObject({
      text: '👍',
      key: { id: ours?.key.id, fromMe: true },
    })
  })

  test('wrapped for one look, wrapped to vanish, forwarded', async () => {
    const once = await say({ kind: 'image', bytes }, { wrap: 'view-once' })
    expect(once.message.message?.viewOnceMessageV2).toBeTruthy()
    const vanishing = await say({ kind: 'text', text: 'soon gone' }, { wrap: 'ephemeral' })
    expect(vanishing.content?.conversation).toBe('soon gone')
    const forwarded = await say({ kind: 'text', text: 'heard' }, { forwarded: true })
    expect(forwarded.content?.extendedTextMessage?.contextInfo?.isForwarded).toBe(true)
  })

  test('a status post, and what the owner writes on the own phone', async () => {
    const status = await say({ kind: 'text', text: 'to all' }, { to: 'status' })
    expect(status.key.remoteJid).toBe('status@broadcast')
    const own = await say({ kind: 'text', text: 'from my pocket' }, { from: SHOP, to: ANA })
    const ana = await whatsapp.person({ number: ANA })
    expect(own.key).toMatchObject({ fromMe: true, remoteJid: ana.lid })
    expect(own.content?.conversation).toBe('from my pocket')
  })

  test('sealed ahead and sent later, in that order', async () => {
    const wishes = Array.from({ length: 6 }, (_, n) => ({
      from: n % 2 ? BIA : ANA,
      to: SHOP,
      text: `ahead ${n}`,
    }))
    const { ids } = await whatsapp.prepare({ texts: wishes })
    expect((await whatsapp.sessions({})).map(({ waiting }) => waiting)).toEqual([0])
    const { sentAt } = await whatsapp.play({ perSecond: 1_000 })
    expect(sentAt).toEqual(sentAt.toSorted((a, b) => a - b))
    const came = await Promise.all(ids.map(id => arrived(fio, id)))
    expect(came.map(({ message }) => message.message?.conversation)).toEqual(wishes.map(({ text }) => text))
  })
})

describe('what the client says can be read on the phone', () => {
  test('every kind, media opened', async () => {
    const { lid } = await whatsapp.person({ number: BIA })
    const { key, message } = await say({ kind: 'text', text: 'question' }, { from: BIA })
    const quick = await fio.socket.sendMessage(lid, { text: 'answer' }, { quoted: message })
    await fio.socket.sendMessage(lid, { image: bytes, caption: 'see', jpegThumbnail: '' })
    await fio.socket.sendMessage(lid, {
      audio: bytes,
      ptt: true,
      seconds: 2,
      mimetype: 'audio/ogg; codecs=opus',
    })
    await fio.socket.sendMessage(lid, { document: bytes, fileName: 'bill.pdf', mimetype: 'application/pdf' })
    await fio.socket.sendMessage(lid, { location: { degreesLatitude: 1, degreesLongitude: 2, name: 'Shop' } })
    await fio.socket.sendMessage(lid, { react: { text: '❤️', key } })
    await fio.socket.sendMessage(lid, { text: 'better answer', edit: quick!.key })
    await fio.socket.sendMessage(lid, { delete: quick!.key })
    const got = await until('all of it', async () => {
      const all = await whatsapp.sentTo({ number: BIA })
      return all.length >= 8 && all
    })
    const answerId = quick?.key.id
    expect(got).toMatchObject([
      { kind: 'text', text: 'answer', quoted: key.id, id: answerId },
      { kind: 'image', text: 'see', media: { broken: null } },
      { kind: 'voice', media: { mime: 'audio/ogg; codecs=opus', seconds: 2 } },
      { kind: 'document', media: { fileName: 'bill.pdf' } },
      { kind: 'location', location: { latitude: 1, longitude: 2, name: 'Shop' } },
      { kind: 'reaction', about: key.id, emoji: '❤️' },
      { kind: 'edit', about: answerId, text: 'better answer' },
      { kind: 'revoke', about: answerId },
    ])
    for (const { media } of got) if (media) expect(media.bytes.equals(bytes)).toBe(true)
  })
})
