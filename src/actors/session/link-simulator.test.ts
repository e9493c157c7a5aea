import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { InboundItem } from '../../providers/provider.ts'
import { startSimulatorNetwork, type SimulatorNetwork } from '../../providers/simulator/network.ts'
import { simulatorPhone, type SimulatorPhone } from '../../providers/simulator/phone.ts'
import { simulatorProvider } from '../../providers/simulator/provider.ts'
import { systemClock, type Clock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { createSessionLink } from './link.ts'
import type { SessionLink } from './link-door.ts'

/** The same clock, a thousand times faster where the link waits, so that a pause of a second is a millisecond. */
const quickClock: Clock = { ...systemClock, after: (ms, task) => systemClock.after(ms / 1000, task) }
const UNTIL = { timeout: 10_000, interval: 5 }

describe('the session link on the running simulator', () => {
  let network: SimulatorNetwork
  let phone: SimulatorPhone
  let link: SessionLink
  let told: string[]
  let kept: InboundItem[]
  let receive: (items: readonly InboundItem[]) => Promise<void>
  const sessionId = randomUUID()

  beforeEach(async () => {
    told = []
    kept = []
    receive = async items => void kept.push(...items)
    network = await startSimulatorNetwork({ log: silentLog, clock: systemClock })
    phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 10_000 })
    await phone.misbehave(sessionId, { redeliverMs: 5 })
    link = makeLink()
  })
  afterEach(async () => {
    await link.stop()
    phone.close()
    await network.close()
  })

  const makeLink = () =>
    createSessionLink({
      provider: simulatorProvider({ url: () => network.url, clock: systemClock, log: silentLog }),
      session: { companyId: randomUUID(), sessionId, settings: {} },
      credentials: {},
      door: {
        receive: items => receive(items),
        onAwaitingScan: async () => {},
        onSyncing: async () => {},
        onConnected: async () => void told.push('connected'),
        onDisconnected: async () => void told.push('disconnected'),
        onTerminal: async end => void told.push(end),
        onQr: () => {},
        onPairingCode: () => {},
        onLeaseLost: () => {},
      },
      clock: quickClock,
      random: Math.random,
      log: silentLog,
    })
  const connected = async () => {
    link.start()
    await vi.waitFor(() => expect(link.state()).toBe('connected'), UNTIL)
  }
  const texts = (from: string) =>
    kept.flatMap(i =>
      i.item === 'message' && i.message.type === 'message' && i.message.chat.addresses[0]?.value === from
        ? [i.message.text]
        : [],
    )

  test('keeps every chat in order while the network duplicates, delays and drops and the store fails now and then', async () => {
    await connected()
    await phone.misbehave(sessionId, { duplicate: true, delayMs: 2, drop: true, redeliverMs: 5 })
    let calls = 0
    receive = async items => {
      calls += 1
      if (calls % 3 === 0) throw new Error('the store is away')
      await new Promise(resolve => setImmediate(resolve))
      kept.push(...items)
    }
    const chats = ['5511987650001', '5511987650002', '5511987650003']
    const write = async (from: string) => {
      for (let i = 0; i < 15; i += 1) await phone.inbound(sessionId, { from, text: String(i) })
    }
    await Promise.all(chats.map(write))
    for (const from of chats) {
      const firsts = texts(from).filter((text, i, all) => all.indexOf(text) === i)
      expect(firsts).toEqual(Array.from({ length: 15 }, (_, i) => String(i)))
    }
  })

  test('comes back after a drop, and what waited is late', async () => {
    await connected()
    await phone.connection(sessionId, 'drop')
    await vi.waitFor(() => expect(told).toContain('disconnected'), UNTIL)
    await expect(phone.inbound(sessionId, { from: '5511987650001', text: 'alguém?' })).rejects.toMatchObject({
      code: 'session-offline',
    })
    expect(await link.send(message)).toMatchObject({ outcome: 'refused', retryable: true })
    await phone.connection(sessionId, 'restore')
    await vi.waitFor(() => expect(texts('5511987650001')).toEqual(['alguém?']), UNTIL)
    expect(kept[0]).toMatchObject({ item: 'message', message: { late: true } })
    expect(told.at(-1)).toBe('connected')
  })

  test('survives the death of the network', async () => {
    await connected()
    await network.close()
    await vi.waitFor(() => expect(told).toContain('disconnected'), UNTIL)
    network = await startSimulatorNetwork({ log: silentLog, clock: systemClock })
    await vi.waitFor(() => expect(link.state()).toBe('connected'), UNTIL)
  })

  test.each([
    ['logout', 'logged-out'],
    ['replace', 'replaced'],
    ['restrict', 'restricted'],
  ] as const)('%s ends it', async (change, end) => {
    await connected()
    await phone.connection(sessionId, change)
    await vi.waitFor(() => expect(told.slice(-2)).toEqual(['connected', end]), UNTIL)
    expect(link.state()).toBe('over')
  })

  test('a second link for the session takes over, and the first does not fight', async () => {
    await connected()
    const second = makeLink()
    second.start()
    await vi.waitFor(() => expect(link.state()).toBe('over'), UNTIL)
    expect(second.state()).toBe('connected')
    expect(told).toContain('replaced')
    await second.stop()
  })

  test('sends, marks as read and fetches media', async () => {
    await connected()
    expect(await link.send(message)).toMatchObject({ outcome: 'sent' })
    const { items } = await phone.outbound(sessionId)
    expect(items).toMatchObject([{ to: '5511987650001', kind: 'text', body: 'oi' }])
    const { messageId } = await phone.inbound(sessionId, {
      from: '5511987650001',
      media: { mime: 'image/png', name: 'a.png', base64: Buffer.from('bytes').toString('base64') },
    })
    await link.markRead([{ kind: 'phone', value: '5511987650001' }], [messageId])
    await vi.waitFor(async () => expect((await phone.look(sessionId)).read).toEqual([messageId]), UNTIL)
    const picture = kept.find(i => i.item === 'message')
    const media =
      picture?.item === 'message' && picture.message.type === 'message' ? picture.message.media : undefined
    const file = await link.fetchMedia(media?.providerMediaId ?? '')
    const parts: Uint8Array[] = []
    for await (const part of file.bytes) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe('bytes')
    expect(file.mime).toBe('image/png')
  })

  const message = {
    ref: 'r',
    messageId: randomUUID(),
    to: [{ kind: 'phone' as const, value: '5511987650001' }],
    kind: 'text' as const,
    body: 'oi',
  }
})
