import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { deviceOn, scanned } from '../../../test/support/baileys.ts'
import { startWhatsApp } from '../../../test/doubles/whatsapp/whatsapp.ts'
import { until } from '../../../test/support/until.ts'

const ANA = '5511987654321'
const ACCOUNTS = ['5511900000011', '5511900000012', '5511900000013']
const EACH = 20

test('a customer who writes to several of our numbers at once is understood by all, each message together with its key', async () => {
  const whatsapp = await startWhatsApp({ quickPairing: true })
  const devices = ACCOUNTS.map(() => deviceOn(whatsapp).device)
  const apart: string[] = []
  for (const [n, device] of devices.entries()) {
    await device.connect()
    await scanned(whatsapp, device, ACCOUNTS[n])
    // As slow as a real one, so that many are under way.
    const { store } = device.drawer
    const commit = store.commit.bind(store)
    Object.assign(store, {
      commit: async (changes: ReadonlyMap<string, string | null>) => {
        await new Promise(resolve => setImmediate(resolve))
        return commit(changes)
      },
    })
    device.drawer.onCommit(changes => {
      const came = [...changes].find(([key, text]) => key.startsWith('in/') && text?.includes('"message"'))
      if (came && ![...changes.keys()].some(key => key.startsWith('key/session/'))) apart.push(came[0])
    })
  }
  await whatsapp.person({ number: ANA, name: 'Ana' })
  const floods = ACCOUNTS.map((to, n) => whatsapp.flood({ from: [ANA], to, count: EACH, text: `to ${n}` }))
  const answers = devices.flatMap((device, n) =>
    Array.from({ length: EACH }, (_, m) =>
      device.connection.send({
        kind: 'text',
        body: `answer ${n} ${m}`,
        ref: randomUUID(),
        messageId: randomUUID(),
        to: [{ kind: 'phone', value: ANA }],
      }),
    ),
  )
  await Promise.all(floods)
  const outcomes = await Promise.all(answers)
  expect(outcomes.filter(({ outcome }) => outcome !== 'sent')).toEqual([])
  for (const [n, device] of devices.entries()) {
    await until(`all messages to ${n}`, () => device.texts().length === EACH)
    expect(new Set(device.texts()).size).toBe(EACH)
  }
  const arrived = await until('all answers', async () => {
    const all = await whatsapp.sentTo({ number: ANA })
    return all.length === EACH * ACCOUNTS.length && all
  })
  expect(arrived.filter(one => one.arrivals > 1)).toEqual([])
  expect(await whatsapp.failures({})).toEqual([])
  expect(apart).toEqual([])
  for (const device of devices) await device.connection.close()
  await whatsapp.close()
})
