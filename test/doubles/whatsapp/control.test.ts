import { afterAll, beforeAll, expect, test } from 'vitest'
import { Jimp } from 'jimp'
import { encode } from 'uqr'
import { until } from '../../support/until.ts'
import { startWhatsAppProcess, type WhatsAppProcess } from '../whatsapp-process.ts'
import { baileysClient } from './baileys-client.ts'
import { ANA, arrived, SHOP } from './linked.ts'
import { toWire } from './wire.ts'

let whatsapp: WhatsAppProcess
beforeAll(async () => {
  whatsapp = await startWhatsAppProcess({ quickPairing: true })
})
afterAll(async () => {
  await whatsapp.stop()
})

const pictureOf = async (text: string): Promise<Buffer> => {
  const { data, size } = encode(text, { border: 4 })
  const scale = 4
  const image = new Jimp({ width: size * scale, height: size * scale, color: 0xffffffff })
  for (let x = 0; x < size * scale; x += 1)
    for (let y = 0; y < size * scale; y += 1)
      if (data[Math.floor(y / scale)]?.[Math.floor(x / scale)]) image.setPixelColor(0x000000ff, x, y)
  return image.getBuffer('image/png')
}

test('in a process of its own it does the same, bytes included, and its page reads QR codes from pictures', async () => {
  const fio = baileysClient({ url: whatsapp.url, rootPublicKey: Buffer.from(whatsapp.rootKey, 'base64') })
  const shown = await until('a QR code', () => fio.qr)
  const read = await fetch(`${whatsapp.controlUrl}/read-qr`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: toWire({ picture: await pictureOf(shown) }),
  })
  expect(await read.json()).toEqual({ qr: shown })
  await whatsapp.scan({ qr: shown, number: SHOP })
  await fio.open()

  const bytes = Buffer.from([0, 255, 7])
  expect(await whatsapp.sentTo({ number: ANA })).toEqual([])
  await whatsapp.person({ number: ANA, name: 'Ana' })
  const { id } = await whatsapp.write({ from: ANA, to: SHOP, content: { kind: 'image', bytes } })
  const { message } = await arrived(fio, id)
  expect(message.pushName).toBe('Ana')
  await fio.socket.sendMessage(message.key.remoteJid ?? '', {
    document: bytes,
    mimetype: 'a/b',
    fileName: 'x',
  })
  const got = await until('the document', async () => (await whatsapp.sentTo({ number: ANA }))[0])
  expect(got.media?.bytes).toEqual(bytes)
  await expect(whatsapp.scan({ qr: 'old', number: SHOP })).rejects.toThrow('not valid')

  expect(await (await fetch(whatsapp.controlUrl)).text()).toContain('Virtual phone')
  const foreign = await fetch(`${whatsapp.controlUrl}/do/people`, { method: 'POST', body: '{}' })
  expect(foreign.status).toBe(405)
  await fio.end()
})
