import { randomUUID } from 'node:crypto'
import type { Content } from '../../../test/doubles/whatsapp/content.ts'
import type { Received } from '../../../test/doubles/whatsapp/received.ts'
import { ACCOUNT, linkedDevice } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'
import { providerContract } from '../contract.ts'
import type { Seen, Written } from '../contract/stage.ts'
import { BAILEYS_CAPABILITIES } from './capabilities.ts'

const CUSTOMER = '5511987654321'
const RECEIVES = [
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
] as const

/** What the customer does, in the words of the local WhatsApp. */
const contentOf = (written: Written): Content => {
  switch (written.kind) {
    case 'text':
      return { kind: 'text', text: written.text }
    case 'location':
      return written
    case 'contacts': {
      const { name, phones } = written.card
      return { kind: 'contacts', contacts: [{ name, number: phones[0] ?? '' }] }
    }
    case 'interactive': {
      const { id, title } = written
      return {
        kind: 'raw',
        message: { buttonsResponseMessage: { selectedButtonId: id, selectedDisplayText: title } },
      }
    }
    case 'unsupported':
      return { kind: 'poll', question: 'Qual?', options: ['a', 'b'] }
    case 'reaction':
      return { kind: 'reaction', about: written.target, emoji: written.emoji }
    case 'edit':
      return { kind: 'edit', about: written.target, text: written.text }
    case 'revoke':
      return { kind: 'revoke', about: written.target }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker': {
      const { kind, bytes, mime, text, name } = written
      return { kind, bytes, mime, ...(text ? { caption: text } : {}), ...(name ? { fileName: name } : {}) }
    }
  }
}

const seenOf = ({ id, kind, text, media, quoted, about, emoji, location, contacts }: Received): Seen => {
  const target = about ?? quoted
  return {
    providerMessageId: id,
    body: text ?? '',
    ...(kind === 'poll' || kind === 'other' ? {} : { kind }),
    ...(media ? { file: media.bytes } : {}),
    ...(target ? { target } : {}),
    ...(emoji === null ? {} : { emoji }),
    ...(location ? { latitude: location.latitude, longitude: location.longitude } : {}),
    ...(contacts.length > 0 ? { cards: contacts.map(({ name }) => name) } : {}),
  }
}

const has = { credentials: false, capabilities: BAILEYS_CAPABILITIES, receives: RECEIVES, presence: true }
providerContract('Baileys', has, async () => {
  const { whatsapp, provider, ids, device } = await linkedDevice()
  await whatsapp.person({ number: CUSTOMER, name: 'Ana' })
  await device.connection.close()
  const open = new Set<Promise<{ close(): Promise<void> }>>()
  let gone = false
  const { store } = device.drawer
  const does = async (written: Written, id: string): Promise<void> => {
    const quoting = written.kind === 'text' && written.quoted ? { quoting: written.quoted } : {}
    await whatsapp.write({ from: CUSTOMER, to: ACCOUNT, content: contentOf(written), id, ...quoting })
    // WhatsApp is told at once, since it lies in the journal; ours it is when the journal let go of it.
    await until('the receipt', async () =>
      (await whatsapp.receiptsFrom({ account: ACCOUNT })).some(receipt => receipt.ids.includes(id)),
    )
    await until('an empty journal', async () => (await store.keys('in/')).length === 0)
  }
  return {
    provider: {
      ...provider,
      connect: options => {
        const connecting = provider.connect(options)
        open.add(connecting)
        return connecting
      },
    },
    options: handlers => ({ ...ids, credentials: {}, settings: {}, store, handlers }),
    write: (text, id) => does({ kind: 'text', text }, id),
    does,
    tell: async (id, ack) => whatsapp.receipt({ by: CUSTOMER, ids: [id], kind: ack }),
    sent: async () => (await whatsapp.sentTo({ number: CUSTOMER })).map(seenOf),
    read: async () =>
      (await whatsapp.receiptsFrom({ account: ACCOUNT }))
        .filter(({ type }) => type === 'read')
        .flatMap(receipt => receipt.ids),
    seesTyping: async () =>
      (await whatsapp.presencesFrom({ account: ACCOUNT })).some(({ state }) => state === 'composing'),
    types: async () => {
      // Whoever only writes shows the hidden id; the number came with a message before.
      await does({ kind: 'text', text: 'oi' }, randomUUID())
      await whatsapp.typing({ from: CUSTOMER, to: ACCOUNT, state: 'composing' })
    },
    loseAnswers: () => whatsapp.misbehave({ account: ACCOUNT, loseAcks: 1_000 }),
    refuse: () => whatsapp.misbehave({ account: ACCOUNT, refuse: { times: 1_000, code: 463 } }),
    vanish: async () => {
      gone = true
      await whatsapp.close()
    },
    stop: async () => {
      for (const connecting of open) await (await connecting).close()
      if (!gone) await whatsapp.close()
    },
  }
})
