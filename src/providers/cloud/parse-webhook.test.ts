import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InboundMessage } from '../provider.ts'
import { parseWebhook } from './parse-webhook.ts'

const FOLDER = new URL('./samples/', import.meta.url)
const sample = (name: string): unknown => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'))
const names = readdirSync(FOLDER).map(file => file.replace('.json', ''))

const items = (name: string) => parseWebhook(sample(name)).flatMap(change => change.items)
const message = (name: string): InboundMessage => {
  const [item] = items(name)
  if (item?.item !== 'message') throw new Error(`${name} brought no message`)
  return item.message
}

const ANA = [
  { kind: 'phone', value: '5511987654321' },
  { kind: 'bsuid', value: 'BR.1502576394655843' },
]
const ID = 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABIY'

describe('a webhook delivery', () => {
  test.each(names.filter(n => !n.includes('broken')))('%s is read without anything malformed', name => {
    const changes = parseWebhook(sample(name))
    expect(changes.flatMap(c => c.malformed)).toEqual([])
    expect(changes.flatMap(c => c.items)).toHaveLength(1)
  })

  test('a text, with who wrote and when', () => {
    expect(parseWebhook(sample('text'))[0]?.phoneNumberId).toBe('106540352242922')
    expect(message('text')).toMatchObject({
      type: 'message',
      providerMessageId: `${ID}TEXT01`,
      kind: 'text',
      text: 'Olá, meu pedido chegou errado',
      fromMe: false,
      late: false,
      sentAt: '2025-06-08T20:59:43.000Z',
      chat: { group: false, name: 'Ana Souza', addresses: ANA },
      author: { name: 'Ana Souza', addresses: ANA },
    })
  })

  test('keeps all that Meta sent', () => {
    expect(message('text-from-ad')).toHaveProperty(['raw', 'message', 'referral', 'source_type'], 'ad')
    expect(message('unknown-type')).toHaveProperty(['raw', 'message', 'hologram'], { depth: 3 })
  })

  test('a sender without a phone number is known by the business-scoped id and the user name', () => {
    expect(message('text-without-phone').chat).toEqual({
      group: false,
      name: 'Beto',
      addresses: [
        { kind: 'bsuid', value: 'BR.2745019836471120' },
        { kind: 'username', value: 'beto.plantas' },
      ],
    })
  })

  test('in a group the chat is the group and the author the participant', () => {
    const { chat, author } = message('text-in-group')
    expect(chat).toMatchObject({ group: true, addresses: [{ kind: 'group' }] })
    expect(author.addresses).toEqual(ANA)
  })

  test('a quote names its message', () => {
    expect(message('text-quoted')).toHaveProperty(
      'quotedProviderMessageId',
      'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYQUOTED',
    )
  })

  test.each([
    ['image', 'image', 'A caixa amassada', { mime: 'image/jpeg', providerMediaId: '1003383421387256' }],
    ['audio', 'audio', '', { mime: 'audio/mpeg' }],
    ['voice', 'voice', '', { mime: 'audio/ogg; codecs=opus' }],
    ['video', 'video', 'Abrindo a caixa', { mime: 'video/mp4' }],
    ['document', 'document', 'Nota fiscal', { mime: 'application/pdf', name: 'nota-4711.pdf' }],
    ['sticker', 'sticker', '', { mime: 'image/webp' }],
  ])('%s is media', (name, kind, text, media) => {
    expect(message(name)).toMatchObject({ type: 'message', kind, text, media })
    expect(message(name)).toHaveProperty(['media', 'sha256'])
  })

  test('a place has its name, address and a link to a map', () => {
    expect(message('location')).toMatchObject({
      kind: 'location',
      text: 'Praça da Sé\nPraça da Sé, São Paulo\nhttps://maps.google.com/?q=-23.5503,-46.6339',
      details: { latitude: -23.5503, longitude: -46.6339 },
    })
  })

  test('contact cards', () => {
    expect(message('contacts')).toMatchObject({
      kind: 'contacts',
      text: 'Carla Lima +55 21 99876-5432',
      details: [{ name: { formatted_name: 'Carla Lima' } }],
    })
  })

  test.each([
    ['button-reply', 'Cancelar', { type: 'button_reply', id: 'cancelar' }],
    ['list-reply', 'Entrega expressa', { type: 'list_reply', id: 'expressa' }],
    ['button', 'Não quero mais', { type: 'button', id: 'nao-quero' }],
  ])('%s is the choice', (name, text, details) => {
    expect(message(name)).toMatchObject({ kind: 'interactive', text, details })
  })

  test('reactions, edits and revokes name their target', () => {
    const target = 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYTARGET'
    expect(message('reaction')).toMatchObject({ type: 'reaction', target, emoji: '👍' })
    expect(message('reaction-removed')).toMatchObject({ type: 'reaction', target, emoji: '' })
    expect(message('edit')).toMatchObject({
      type: 'edit',
      target: `${ID}TEXT01`,
      text: 'Olá, meu pedido chegou trocado',
    })
    expect(message('revoke')).toMatchObject({ type: 'revoke', target: `${ID}TEXT01` })
  })

  test.each([
    ['unsupported', 'unsupported: poll_creation'],
    ['unknown-type', 'unsupported: hologram'],
    ['image-that-meta-lost', 'unsupported: image'],
  ])('%s is kept as a placeholder', (name, text) => {
    expect(message(name)).toMatchObject({ kind: 'unsupported', text })
  })

  test('what the company wrote on its own phone is from me, in the customer’s chat', () => {
    expect(message('echo-from-phone')).toMatchObject({
      fromMe: true,
      text: 'Respondi pelo celular',
      chat: { addresses: [{ kind: 'phone', value: '5511987654321' }] },
      author: { addresses: [{ kind: 'phone', value: '551155550100' }] },
    })
  })

  const perMessage = { billable: true, model: 'PMP', type: 'regular', category: 'service' }
  const byConversation = {
    billable: false,
    model: 'CBP',
    category: 'service',
    conversationId: '4e9d6b8f0a',
    conversationUntil: '2025-06-16T23:28:05.000Z',
  }
  test.each([
    ['status-sent', 'sent', '2025-06-15T23:27:53.000Z', perMessage],
    ['status-delivered', 'delivered', '2025-06-15T23:27:54.000Z', perMessage],
    ['status-read', 'read', '2025-06-15T23:27:59.000Z'],
    ['status-played', 'played', '2025-06-15T23:28:05.000Z'],
    ['status-sent-in-conversation', 'sent', '2025-06-15T23:28:05.000Z', byConversation],
    ['status-delivered-in-group', 'delivered', '2025-06-15T23:28:05.000Z'],
  ] as const)('%s carries our reference, and what it is counted as', (name, ack, at, pricing?: object) => {
    expect(items(name)).toEqual([
      {
        item: 'status',
        status: {
          providerMessageId: 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYSENT01',
          ref: 'our-reference',
          ack,
          at,
          ...(pricing ? { pricing } : {}),
        },
      },
    ])
  })

  test('a status is not lost for a cost that nobody can read', () => {
    const delivery = JSON.stringify(sample('status-delivered')).replace('"billable":true', '"billable":"?"')
    const [change] = parseWebhook(JSON.parse(delivery))
    expect(change).toMatchObject({ malformed: [], items: [{ status: { ack: 'delivered' } }] })
    expect(JSON.stringify(change?.items)).not.toContain('pricing')
  })

  test('a failure says why, and whether trying again makes sense', () => {
    expect(items('status-failed')).toMatchObject([
      {
        status: {
          ack: 'failed',
          error: { code: 'window-closed', reason: expect.stringContaining('24 hours'), retryable: false },
        },
      },
    ])
  })

  test('an order says what is in it', () => {
    expect(message('order')).toMatchObject({
      kind: 'interactive',
      text: 'Quero estes\n2 × di9ozbzfi4 — 30 BRL',
      details: { type: 'order', items: [{ product_retailer_id: 'di9ozbzfi4', quantity: 2 }] },
    })
  })

  test('a flow brings its answers', () => {
    expect(message('flow-reply')).toMatchObject({
      kind: 'interactive',
      text: 'Sent',
      details: { type: 'nfm_reply', name: 'flow', response_json: expect.stringContaining('2025-06-10') },
    })
  })

  test('who comes from an advertisement says from which', () => {
    expect(message('text-from-ad')).toHaveProperty(['details', 'referral', 'source_type'], 'ad')
    expect(message('image-from-ad')).toMatchObject({
      kind: 'image',
      details: { referral: { headline: 'Fale conosco' } },
    })
  })

  test('a place without a name is a link to a map', () => {
    expect(message('location-without-name')).toHaveProperty(
      'text',
      'https://maps.google.com/?q=-23.5503,-46.6339',
    )
  })

  test('a changed number, and a changed id, are the same person', () => {
    const party = (name: string) => {
      const [item] = items(name)
      return item?.item === 'identity' ? item.party : null
    }
    const NEW = { kind: 'phone', value: '5511912345678' }
    const [OLD, OLD_ID] = ANA
    const NEW_ID = { kind: 'bsuid', value: 'BR.8861207441930562' }
    expect(party('system-number-changed')?.addresses).toEqual([NEW, OLD])
    expect(party('system-user-id-changed')?.addresses).toEqual([NEW, NEW_ID, OLD, OLD_ID])
    const updated = party('user-id-update')
    expect(updated?.name).toBe('Ana Souza')
    for (const address of [NEW, { kind: 'username', value: 'ana.souza' }, NEW_ID, OLD_ID])
      expect(updated?.addresses).toContainEqual(address)
  })

  test('a call is somebody calling', () => {
    expect(items('call')).toEqual([
      {
        item: 'call',
        callId: 'wacid.HBgNNTUxMTk4NzY1NDMyMRUCABIYQ0FMTDAx',
        chat: { addresses: ANA, name: 'Ana Souza', group: false },
        at: '2025-06-08T20:59:43.000Z',
        video: false,
        rejected: false,
      },
    ])
  })

  test('what the company changed on its own phone is from me', () => {
    const target = 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYECHO01'
    expect(message('echo-later-edit')).toMatchObject({ type: 'edit', fromMe: true, target })
    expect(message('echo-revoke')).toMatchObject({ type: 'revoke', fromMe: true, target })
    expect(message('echo-image')).toMatchObject({ kind: 'image', fromMe: true, text: 'O recibo' })
  })

  test('a failure for load may be tried again', () => {
    expect(items('status-failed-for-load')).toMatchObject([
      { status: { ack: 'failed', error: { code: '131056', retryable: true } } },
    ])
  })

  test.each([
    ['call-ended', 'call:terminate'],
    ['request-welcome', 'request_welcome'],
    ['system-identity-changed', 'system:customer_identity_changed'],
    ['status-unheard-of', 'status:screenshotted'],
    ['user-preferences', 'field:user_preferences'],
    ['group-participants', 'field:group_participants_update'],
    ['history', 'field:history'],
    ['phone-contacts', 'field:smb_app_state_sync'],
    ['account-update', 'field:account_update'],
    ['account-alert', 'field:account_alerts'],
    ['quality-update', 'field:phone_number_quality_update'],
    ['name-update', 'field:phone_number_name_update'],
    ['template-quality', 'field:message_template_quality_update'],
    ['template-category', 'field:template_category_update'],
    ['security', 'field:security'],
    ['errors', 'error:130429'],
    ['template-update', 'field:message_template_status_update'],
  ])('%s is only counted', (name, kind) => {
    expect(items(name)).toEqual([{ item: 'ignored', kind }])
  })

  test('one broken message is said, the others go on in order', () => {
    const [first, second] = parseWebhook(sample('burst-with-a-broken-one'))
    expect(first?.items).toMatchObject([{ message: { text: 'Primeira' } }, { message: { text: 'Terceira' } }])
    expect(first?.malformed).toMatchObject([
      { reason: expect.stringContaining('timestamp'), raw: { id: 'wamid.BROKEN' } },
    ])
    expect(second?.items).toMatchObject([{ item: 'status' }])
  })

  test('what was malformed can be read again by itself, with its number, and mended', () => {
    const [first] = parseWebhook(sample('burst-with-a-broken-one'))
    const [broken] = first!.malformed
    expect(parseWebhook(broken!.delivery)).toEqual([
      { phoneNumberId: '106540352242922', items: [], malformed: [broken] },
    ])
    const mended = structuredClone(broken!.delivery) as ReturnType<typeof JSON.parse>
    Object.assign(mended.entry[0].changes[0].value.messages[0], {
      from: '5511987654321',
      timestamp: '1749416384',
      text: { body: 'Segunda' },
    })
    expect(parseWebhook(mended)).toMatchObject([
      { malformed: [], items: [{ message: { text: 'Segunda', author: { name: 'Ana Souza' } } }] },
    ])
  })

  test('a message that names no sender is malformed, not an exception', () => {
    const body = structuredClone(sample('text')) as ReturnType<typeof JSON.parse>
    delete body.entry[0].changes[0].value.messages[0].from
    delete body.entry[0].changes[0].value.messages[0].from_user_id
    delete body.entry[0].changes[0].value.contacts
    expect(parseWebhook(body)).toMatchObject([
      { items: [], malformed: [{ reason: expect.stringContaining('sender') }] },
    ])
  })

  test('messages without a number to route them by are malformed', () => {
    const body = structuredClone(sample('text')) as ReturnType<typeof JSON.parse>
    delete body.entry[0].changes[0].value.metadata
    expect(parseWebhook(body)).toMatchObject([
      { phoneNumberId: null, items: [], malformed: [{ reason: expect.stringContaining('number') }] },
    ])
  })

  test('a message that waited at Meta is late', () => {
    const sent = 1749416383_000
    const late = (now: number) => parseWebhook(sample('text'), now).flatMap(c => c.items)[0]
    expect(late(sent + 5_000)).toMatchObject({ message: { late: false } })
    expect(late(sent + 600_000)).toMatchObject({ message: { late: true } })
  })

  test('never throws and never loses a message, whatever single field is replaced by anything', () => {
    const paths = (value: unknown, at: (string | number)[] = []): (string | number)[][] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([k, v]) => [[...at, k], ...paths(v, [...at, k])])
        : []
    const spots = names.flatMap(name => paths(sample(name)).map(path => [name, path] as const))
    fc.assert(
      fc.property(fc.constantFrom(...spots), fc.jsonValue(), ([name, path], anything) => {
        const body = sample(name) as Record<string, unknown>
        const holder = path
          .slice(0, -1)
          .reduce<Record<string, unknown>>((o, k) => o[k] as Record<string, unknown>, body)
        holder[path.at(-1)!] = anything
        const changes = parseWebhook(body)
        const touchesList = path.length <= 6 || anything === null
        if (!touchesList) expect(changes.flatMap(c => [...c.items, ...c.malformed]).length).toBeGreaterThan(0)
      }),
      { numRuns: 1_000 },
    )
  })
})
