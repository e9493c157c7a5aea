import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { BaileysClient } from './baileys-client.ts'
import { ANA, linked, SHOP } from './linked.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'

let whatsapp: WhatsApp
let fio: BaileysClient
beforeAll(async () => {
  whatsapp = await startWhatsApp({ quickPairing: true })
  fio = await linked(whatsapp)
})
afterAll(async () => {
  await fio.end()
  await whatsapp.close()
})
const event = (name: string, part: string) =>
  until(`${name} with ${part}`, () =>
    fio.events.find(e => e.name === name && JSON.stringify(e.data).includes(part)),
  )

test('typing, presence and subscriptions go both ways', async () => {
  const { lid } = await whatsapp.person({ number: ANA })
  await whatsapp.typing({ from: ANA, to: SHOP, state: 'composing' })
  await event('presence.update', 'composing')
  await whatsapp.typing({ from: ANA, to: SHOP, state: 'recording' })
  await event('presence.update', 'recording')
  await whatsapp.online({ from: ANA, to: SHOP, state: 'unavailable' })
  await event('presence.update', 'unavailable')
  await fio.socket.presenceSubscribe(lid)
  await fio.socket.sendPresenceUpdate('composing', lid)
  await until('our typing', async () =>
    (await whatsapp.presencesFrom({ account: SHOP })).some(p => p.state === 'composing' && p.to === ANA),
  )
})

test('a call rings, can be rejected, and can be missed', async () => {
  const { callId } = await whatsapp.call({ from: ANA, to: SHOP, video: true })
  await event('call', callId)
  const { lid, jid } = await whatsapp.person({ number: ANA })
  const ringing = await event('call', 'offer')
  expect(ringing.data).toMatchObject([
    { id: callId, from: lid, callerPn: jid, isVideo: true, status: 'offer' },
  ])
  await fio.socket.rejectCall(callId, lid)
  expect(await whatsapp.rejectedCalls({ account: SHOP })).toEqual([{ account: SHOP, callId }])
  const missed = await whatsapp.call({ from: ANA, to: SHOP })
  await whatsapp.endCall({ from: ANA, to: SHOP, callId: missed.callId, reason: 'timeout' })
  await event('call', 'timeout')
})

test('a profile picture can be fetched, or is not there', async () => {
  const { lid } = await whatsapp.person({ number: ANA, picture: Buffer.from('face') })
  const url = await fio.socket.profilePictureUrl(lid)
  const response = await fetch(url ?? '')
  expect(await response.text()).toBe('face')
  const { lid: shy } = await whatsapp.person({ number: '5511900000099' })
  await expect(fio.socket.profilePictureUrl(shy)).rejects.toThrow('item-not-found')
})

test('numbers are looked up', async () => {
  await whatsapp.person({ number: ANA })
  expect(await fio.socket.onWhatsApp(ANA, '5511911111111')).toMatchObject([
    { jid: `${ANA}@s.whatsapp.net`, exists: true },
  ])
})

test('a restriction is announced', async () => {
  await whatsapp.restrict({ account: SHOP, seconds: 60 })
  await until('the word of it', () => fio.states.some(s => s.reachoutTimeLock?.isActive))
})

test('the past is shared after linking', async () => {
  const number = '5511900000077'
  const other = await linked(whatsapp, number, { shouldSyncHistoryMessage: () => true })
  const at = Date.now() - 86_400_000
  await whatsapp.history({
    account: number,
    chats: [
      {
        with: ANA,
        messages: [
          { id: 'OLD1', content: { kind: 'text', text: 'long ago' }, at },
          { id: 'OLD2', fromMe: true, content: { kind: 'text', text: 'answered' }, at: at + 1000 },
        ],
      },
    ],
  })
  const past = await until('history', () => other.events.find(e => e.name === 'messaging-history.set'))
  const { lid } = await whatsapp.person({ number: ANA })
  expect(JSON.stringify(past.data)).toContain('long ago')
  expect(past.data).toMatchObject({
    messages: [{ key: { id: 'OLD2', remoteJid: lid } }, { key: { id: 'OLD1' } }],
  })
  await other.end()
})
