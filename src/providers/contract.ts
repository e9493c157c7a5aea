import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { must } from '../shared/must.ts'
import { receivingContract } from './contract/receiving.ts'
import type { Scene } from './contract/scene.ts'
import { sendingContract } from './contract/sending.ts'
import type { ContractStage, WrittenKind } from './contract/stage.ts'
import type {
  Address,
  Capabilities,
  ConnectionHandlers,
  ConnectionState,
  InboundItem,
  PeerPresence,
} from './provider.ts'

/** What a channel of the suite is like; the suite asks only for what is named here. */
export type ContractOf = {
  readonly credentials: boolean
  readonly capabilities: Capabilities
  /** What the customer can do on it. Reactions, edits and revokes included. */
  readonly receives: readonly WrittenKind[]
  /** Whether the customer is seen writing. */
  readonly presence?: boolean
  /** How it is told how far messages got: of each with our reference (the usual), or of all up to a moment. */
  readonly receipts?: 'each' | 'watermark'
}

const CUSTOMER: Address = { kind: 'phone', value: '5511987654321' }
const UNTIL = { timeout: 10_000, interval: 10 }

/**
 * What every channel has to do, whoever stands behind it. `start` builds a provider with a real peer at the other end of
 * a real socket.
 */
export const providerContract = (
  name: string,
  has: ContractOf,
  start: () => Promise<ContractStage>,
): void => {
  describe(`${name} as a provider`, () => {
    let stage: ContractStage
    let states: ConnectionState[]
    let items: InboundItem[]
    let presences: PeerPresence[]
    let onItems: (items: readonly InboundItem[]) => Promise<void>
    const handlers: ConnectionHandlers = {
      onItems: async got => onItems(got),
      onState: state => void states.push(state),
      onPresence: presence => void presences.push(presence),
    }
    beforeEach(async () => {
      states = []
      items = []
      presences = []
      onItems = async got => void items.push(...got)
      stage = await start()
    })
    afterEach(() => stage.stop())

    const last = () => states.at(-1)?.state
    const connected = async () => {
      const connection = await stage.provider.connect(stage.options(handlers))
      await vi.waitFor(() => expect(last()).toBe('connected'), UNTIL)
      return connection
    }
    const texts = () =>
      items.flatMap(i => (i.item === 'message' && i.message.type === 'message' ? [i.message.text] : []))
    const statuses = () => items.flatMap(i => (i.item === 'status' ? [i.status] : []))

    const customer = () => stage.customer ?? CUSTOMER
    const outboundOf: Scene['outbound'] = (content, more = {}) => ({
      ref: randomUUID(),
      messageId: randomUUID(),
      to: [customer()],
      lastInboundAt: new Date().toISOString(),
      ...more,
      ...content,
    })
    const outbound = (body: string) => outboundOf({ kind: 'text', body })

    test('says what it can', () => {
      const { capabilities } = stage.provider
      expect(capabilities).toEqual(has.capabilities)
      expect(capabilities.kinds).toContain('text')
      expect(capabilities.textLengthMax).toBeGreaterThan(0)
    })

    test('connects, and says so once', async () => {
      await connected()
      expect(states.map(s => s.state)).toEqual(['connecting', 'connected'])
    })

    if (has.credentials) {
      test('wrong credentials end in failed, with a reason', async () => {
        await stage.provider.connect(must(stage.wrongOptions, 'wrongOptions')(handlers))
        await vi.waitFor(() => expect(last()).toBe('failed'), UNTIL)
        expect(states.at(-1)).toHaveProperty('reason')
      })
    }

    test('a channel that is down is closed, not an exception', async () => {
      await stage.vanish()
      await stage.provider.connect(stage.options(handlers))
      await vi.waitFor(() => expect(last()).toBe('closed'), UNTIL)
    })

    test('a text comes in with its chat, author and id', async () => {
      await connected()
      const id = randomUUID()
      await stage.write('oi', id)
      const [item] = items
      expect(item).toMatchObject({
        item: 'message',
        message: {
          type: 'message',
          providerMessageId: id,
          kind: 'text',
          text: 'oi',
          fromMe: false,
          chat: { group: false },
        },
      })
      const message = item?.item === 'message' ? item.message : null
      expect(message?.chat.addresses).toContainEqual(customer())
      expect(message?.author.addresses).toContainEqual(customer())
    })

    test('nothing is acknowledged before it is durable', async () => {
      await connected()
      let durable = () => {}
      let acknowledged = false
      onItems = got => {
        items.push(...got)
        return new Promise(resolve => (durable = resolve))
      }
      const writing = stage.write('espera', randomUUID()).then(() => (acknowledged = true))
      await vi.waitFor(() => expect(texts()).toEqual(['espera']), UNTIL)
      expect(acknowledged).toBe(false)
      durable()
      await writing
      expect(acknowledged).toBe(true)
    })

    test('what was rejected comes again, and is acknowledged then', async () => {
      await connected()
      const id = randomUUID()
      const seen: string[] = []
      onItems = async got => {
        for (const i of got) if (i.item === 'message') seen.push(i.message.providerMessageId)
        if (seen.length === 1) throw new Error('the store is away')
        items.push(...got)
      }
      await stage.write('de novo', id)
      expect(seen).toEqual([id, id])
      expect(texts()).toEqual(['de novo'])
    })

    test('one customer’s messages keep their order', async () => {
      await connected()
      for (let i = 0; i < 20; i += 1) await stage.write(`n${i}`, randomUUID())
      expect(texts()).toEqual(Array.from({ length: 20 }, (_, i) => `n${i}`))
    })

    test('sends a text and answers its provider id', async () => {
      const connection = await connected()
      const result = await connection.send(outbound('olá'))
      expect(result.outcome).toBe('sent')
      const [sent] = await stage.sent()
      expect(sent?.body).toBe('olá')
      expect(result).toHaveProperty('providerMessageId', sent?.providerMessageId)
    })

    if (has.receipts === 'watermark')
      test('a receipt says up to when everything in the chat was read', async () => {
        const connection = await connected()
        const before = Date.now()
        const result = await connection.send(outbound('recibo'))
        if (result.outcome !== 'sent') throw new Error(result.reason)
        await stage.tell(result.providerMessageId, 'read')
        const marks = () => items.flatMap(i => (i.item === 'watermark' ? [i.watermark] : []))
        await vi.waitFor(() => expect(marks()).toHaveLength(1), UNTIL)
        const [mark] = marks()
        expect(mark).toMatchObject({ ack: 'read', chat: { addresses: [customer()], group: false } })
        expect(Date.parse(mark?.at ?? '')).toBeGreaterThanOrEqual(before)
      })
    else
      test('a receipt carries our reference', async () => {
        const connection = await connected()
        const message = outbound('recibo')
        const result = await connection.send(message)
        if (result.outcome !== 'sent') throw new Error(result.reason)
        await stage.tell(result.providerMessageId, 'read')
        await vi.waitFor(() => expect(statuses().map(s => s.ack)).toContain('read'), UNTIL)
        const read = statuses().find(s => s.ack === 'read')
        expect(read).toMatchObject({ providerMessageId: result.providerMessageId, ref: message.ref })
        expect(new Date(read?.at ?? '').toISOString()).toBe(read?.at)
      })

    test('a lost answer is unknown, and the message was sent once', async () => {
      const connection = await connected()
      await stage.loseAnswers()
      expect((await connection.send(outbound('talvez'))).outcome).toBe('unknown')
      expect((await stage.sent()).map(m => m.body)).toEqual(['talvez'])
    })

    test('what the channel refuses for good is not to be tried again', async () => {
      const connection = await connected()
      await stage.refuse()
      expect(await connection.send(outbound('não'))).toMatchObject({ outcome: 'refused', retryable: false })
      expect(await stage.sent()).toEqual([])
    })

    test('without a connection a send is refused and may be tried again', async () => {
      const connection = await connected()
      await connection.close()
      expect(await connection.send(outbound('tarde'))).toMatchObject({ outcome: 'refused', retryable: true })
      expect(await stage.sent()).toEqual([])
    })

    test('closing does not log out: it connects again', async () => {
      const connection = await connected()
      await connection.close()
      expect(states.map(s => s.state)).toEqual(['connecting', 'connected'])
      await connected()
      expect(states.map(s => s.state)).toEqual(['connecting', 'connected', 'connecting', 'connected'])
    })

    const scene: Scene = {
      stage: () => stage,
      connected,
      customer,
      items: () => items,
      presences: () => presences,
      outbound: outboundOf,
    }
    sendingContract(has.capabilities, scene)
    receivingContract(has.receives, has.presence ?? false, scene)
  })
}
