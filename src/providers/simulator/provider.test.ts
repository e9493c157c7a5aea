import { randomUUID } from 'node:crypto'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { must } from '../../shared/must.ts'
import { providerContract } from '../contract.ts'
import type { Seen, Written } from '../contract/stage.ts'
import type { ContactCard, FilledButton, OutboundContent, OutboundKind } from '../provider.ts'
import { SIMULATOR_CAPABILITIES } from './capabilities.ts'
import type { SimulatedInbound } from './frames.ts'
import { startSimulatorNetwork } from './network.ts'
import { simulatorPhone, type SimulatorPhone } from './phone.ts'
import { simulatorProvider } from './provider.ts'

const FROM = '5511987654321'

const inboundOf = (written: Written): Omit<SimulatedInbound, 'from' | 'id'> => {
  switch (written.kind) {
    case 'text':
      return { text: written.text, quotedId: written.quoted }
    case 'location': {
      const { kind, name, ...details } = written
      return { kind, text: name, details: { name, ...details } }
    }
    case 'contacts': {
      const { name, phones } = written.card
      return { kind: 'contacts', text: name, details: [{ name, phones: [...phones] }] }
    }
    case 'interactive': {
      const { kind, id, title } = written
      return { kind, text: title, details: { id, title } }
    }
    case 'unsupported':
      return { kind: 'unsupported', text: 'unsupported: poll' }
    case 'reaction':
      return { reaction: written }
    case 'edit':
      return { edit: written }
    case 'revoke':
      return { revoke: written }
    case 'audio':
    case 'document':
    case 'image':
    case 'sticker':
    case 'video':
    case 'voice': {
      const { kind, mime, name, bytes, text } = written
      return { kind, text, media: { mime, name, base64: bytes.toString('base64') } }
    }
  }
}

type Shown = Awaited<ReturnType<SimulatorPhone['outbound']>>['items'][number]
type Details = Partial<{
  latitude: number
  longitude: number
  cards: ContactCard[]
  choices: (OutboundContent & { kind: 'interactive' })['choices']
  name: string
  parameters: string[]
  buttons: FilledButton[]
}>

const choicesOf = (choices: Details['choices']) =>
  choices?.type === 'buttons'
    ? choices.buttons.map(b => b.title)
    : choices?.sections.flatMap(s => s.rows.map(r => r.title))

/** What the virtual phone shows, in the suite's words. */
const seenOf = async (item: Shown, phone: SimulatorPhone, sessionId: string): Promise<Seen> => {
  const {
    latitude,
    longitude,
    cards,
    choices,
    name,
    parameters,
    buttons = [],
  } = (item.details ?? {}) as Details
  return {
    providerMessageId: item.messageId,
    body: item.body,
    kind: item.kind as OutboundKind,
    ...(item.media ? { file: (await phone.file(sessionId, item.media.mediaId)).bytes } : {}),
    ...(latitude === undefined ? {} : { latitude, longitude: must(longitude, 'longitude') }),
    ...(cards ? { cards: cards.map(c => c.name) } : {}),
    ...(choices ? { choices: must(choicesOf(choices), 'choices') } : {}),
    ...(parameters
      ? { template: [must(name, 'name'), ...parameters, ...buttons.flatMap(one => one.parameter ?? [])] }
      : {}),
    ...(item.emoji === undefined ? {} : { emoji: item.emoji }),
    ...((item.target ?? item.quotedId) ? { target: must(item.target ?? item.quotedId, 'target') } : {}),
  }
}

providerContract(
  'the simulator',
  {
    credentials: false,
    capabilities: SIMULATOR_CAPABILITIES,
    receives: [
      'text',
      'image',
      'video',
      'audio',
      'voice',
      'document',
      'sticker',
      'location',
      'contacts',
      'interactive',
      'unsupported',
      'reaction',
      'edit',
      'revoke',
    ],
    presence: true,
  },
  async () => {
    const network = await startSimulatorNetwork({ log: silentLog, clock: systemClock })
    const sessionId = randomUUID()
    const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 10_000 })
    await phone.misbehave(sessionId, { redeliverMs: 5 })
    let up = true
    const vanish = async () => {
      if (up) await network.close()
      up = false
    }
    return {
      provider: simulatorProvider({
        url: network.url,
        clock: systemClock,
        log: silentLog,
        sendWaitMs: 1_000,
      }),
      options: handlers => ({ companyId: randomUUID(), sessionId, credentials: {}, settings: {}, handlers }),
      async write(text, id) {
        await phone.inbound(sessionId, { from: FROM, text, id })
      },
      async does(written, id) {
        await phone.inbound(sessionId, { from: FROM, id, ...inboundOf(written) })
      },
      tell: (messageId, ack) => phone.ack(sessionId, messageId, ack),
      async sent() {
        const { items } = await phone.outbound(sessionId)
        return Promise.all(items.map(item => seenOf(item, phone, sessionId)))
      },
      read: async () => (await phone.look(sessionId)).read,
      seesTyping: async () => (await phone.look(sessionId)).typing.includes(FROM),
      types: () => phone.presence(sessionId, FROM, 'typing'),
      loseAnswers: () => phone.misbehave(sessionId, { loseAnswer: true }),
      refuse: () =>
        phone.misbehave(sessionId, { refuse: { code: '131026', reason: 'undeliverable', retryable: false } }),
      vanish,
      async stop() {
        phone.close()
        await vanish()
      },
    }
  },
)
