import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { ACCOUNT, deviceOn, linkedDevice, scanned } from '../../../test/support/baileys.ts'
import { startWhatsApp, type WhatsApp } from '../../../test/doubles/whatsapp/whatsapp.ts'
import { until } from '../../../test/support/until.ts'
import type { InboundMessage, OutboundContent, OutboundMessage } from '../provider.ts'

const ANA = '5511987654321'
const TO_ANA = [{ kind: 'phone', value: ANA }] as const

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const linked = async (options: Parameters<typeof linkedDevice>[0] = {}) => {
  const made = await linkedDevice(options)
  closing.push(
    () => made.whatsapp.close(),
    () => made.device.connection.close(),
  )
  await made.whatsapp.person({ number: ANA, name: 'Ana' })
  return made
}
const outbound = (content: OutboundContent, more: Partial<OutboundMessage> = {}): OutboundMessage =>
  ({ ref: randomUUID(), messageId: randomUUID(), to: TO_ANA, ...content, ...more }) as OutboundMessage

type Made = Awaited<ReturnType<typeof linked>>
const messagesOf = ({ device }: Pick<Made, 'device'>): InboundMessage[] =>
  device.items.flatMap(one => (one.item === 'message' ? [one.message] : []))
const nth = (made: Pick<Made, 'device'>, n: number) => until(`message ${n}`, () => messagesOf(made)[n - 1])

const bytesOf = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts)
}
const fileOf = (bytes: Buffer, mime: string, name?: string) => ({
  mime,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  ...(name ? { name } : {}),
  open: async () =>
    (async function* () {
      yield bytes.subarray(0, 1_000)
      yield bytes.subarray(1_000)
    })(),
})

describe('linking', () => {
  test('by QR: shown, scanned, restarted, connected; and again without one', async () => {
    const { whatsapp, device } = await linked()
    const said = device.states.map(state => state.state)
    expect(said).toEqual(['connecting', 'awaiting-scan', 'syncing', 'connected'])
    expect(device.states.at(-1)).toEqual({ state: 'connected', account: ACCOUNT })
    await device.connection.close()
    await device.connected()
    expect(device.states.slice(4).map(state => state.state)).toEqual(['connecting', 'connected'])
    expect((await whatsapp.sessions({})).map(({ account, logins }) => [account, logins])).toEqual([
      [ACCOUNT, 2],
    ])
  })

  test('by a code typed into the phone; one that was never typed leaves nothing behind', async () => {
    const whatsapp = await startWhatsApp({ quickPairing: true })
    closing.push(() => whatsapp.close())
    const { device } = deviceOn(whatsapp)
    await device.connect()
    await until('a QR code', () => device.last() === 'awaiting-scan')
    await device.connection.requestPairingCode?.('+5511900000099')
    await device.connection.close()
    await device.connect()
    closing.push(() => device.connection.close())
    await until('another QR code', () => device.states.filter(state => 'qr' in state).length === 3)
    await device.connection.requestPairingCode?.(`+${ACCOUNT}`)
    const shown = device.states.findLast(state => 'pairingCode' in state)
    if (!shown || !('pairingCode' in shown)) throw new Error('no code was shown')
    expect(shown.pairingCode).toMatch(/^\w{8}$/)
    await until('the code at WhatsApp', async () =>
      (await whatsapp.codesWaiting({})).some(({ number }) => number === ACCOUNT),
    )
    await whatsapp.enterCode({ code: shown.pairingCode, number: ACCOUNT })
    await until('the pairing', () => device.last() === 'connected')
  })

  const waitingForScan = async (options: Parameters<typeof deviceOn>[1] = {}) => {
    const whatsapp = await startWhatsApp({ quickPairing: true })
    closing.push(() => whatsapp.close())
    const { device } = deviceOn(whatsapp, options)
    closing.push(() => device.connection.close())
    await device.connect()
    await until('a QR code', () => device.last() === 'awaiting-scan')
    const codes = () => device.states.flatMap(state => ('qr' in state ? [state.qr] : []))
    const scan = () => whatsapp.scan({ qr: codes().at(-1) ?? '', number: ACCOUNT })
    return { whatsapp, device, codes, scan }
  }

  test('by QR after all, when a code to type was asked for', async () => {
    const { device, codes, scan } = await waitingForScan()
    await device.connection.requestPairingCode?.(ACCOUNT)
    expect(codes()).toHaveLength(2)
    await scan()
    await until('the pairing', () => device.last() === 'connected')
    expect(device.states.at(-1)).toEqual({ state: 'connected', account: ACCOUNT })
  })

  test('by a second code when two ask at once, and the first hears that its line went', async () => {
    const { whatsapp, device } = await waitingForScan()
    const [first, second] = await Promise.allSettled([
      device.connection.requestPairingCode?.('5511900000099'),
      device.connection.requestPairingCode?.(ACCOUNT),
    ])
    expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled'])
    const shown = device.states.filter(state => 'pairingCode' in state)
    expect(shown).toHaveLength(1)
    const [{ pairingCode: code } = { pairingCode: '' }] = shown
    await until('the code at WhatsApp', async () =>
      (await whatsapp.codesWaiting({})).some(({ number }) => number === ACCOUNT),
    )
    await whatsapp.enterCode({ code, number: ACCOUNT })
    await until('the pairing', () => device.last() === 'connected')
  })

  test('by QR after a code was typed wrong, which spoils the codes of its line', async () => {
    const { whatsapp, device, codes, scan } = await waitingForScan({ qrMs: 500 })
    await device.connection.requestPairingCode?.(ACCOUNT)
    await until('the code at WhatsApp', async () => (await whatsapp.codesWaiting({})).length > 0)
    await expect(whatsapp.enterCode({ code: 'WRNGCDXX', number: ACCOUNT })).rejects.toThrow('is wrong')
    const before = codes().length
    await until('a QR code of another line', () => codes().length > before)
    await scan()
    await until('the pairing', () => device.last() === 'connected')
  })

  test.each([
    [401, 'logged-out', 0],
    [403, 'restricted', 1],
    [440, 'replaced', 1],
    [503, 'closed', 1],
  ] as const)('a stream error %i ends in %s', async (code, state, credentials) => {
    const { whatsapp, device } = await linked()
    await whatsapp.streamError({ account: ACCOUNT, code })
    await until(state, () => device.last() === state)
    expect(device.states.at(-1)).toMatchObject({ state, code: String(code) })
    expect(device.drawer.values.has('creds') ? 1 : 0).toBe(credentials)
    if (credentials === 0)
      expect([...device.drawer.values.keys()].filter(key => key.startsWith('key/'))).toEqual([])
  })

  test('a restart that WhatsApp asks for is nobody’s business', async () => {
    const { whatsapp, device } = await linked()
    await whatsapp.streamError({ account: ACCOUNT, code: 515 })
    await until('another login', async () => (await whatsapp.sessions({}))[0]?.logins === 2)
    await until('connected again', () => device.states.filter(s => s.state === 'connected').length === 2)
    expect(device.states.map(s => s.state)).not.toContain('closed')
  })

  test('a login that is refused, and a line that goes', async () => {
    const { whatsapp, device } = await linked()
    await whatsapp.cut({ account: ACCOUNT })
    await until('closed', () => device.last() === 'closed')
    await whatsapp.misbehave({ account: ACCOUNT, refuseLogin: { times: 1, code: 503 } })
    await device.connect()
    await until('closed again', () => device.states.at(-1)).then(() =>
      until('503', () => (device.states.at(-1) as { code?: string }).code === '503'),
    )
    await device.connected()
  })

  test('logging out unlinks the device, and the next start asks for a scan', async () => {
    const { device } = await linked()
    await device.connection.logout?.()
    await device.connection.close()
    await device.connect()
    await until('a QR code', () => device.last() === 'awaiting-scan')
  })
})

describe('what comes in', () => {
  test('every kind', async () => {
    const made = await linked()
    const { whatsapp } = made
    const photo = randomBytes(200_000)
    const contents = [
      { kind: 'text', text: 'oi' },
      { kind: 'image', bytes: photo, mime: 'image/jpeg', caption: 'veja' },
      { kind: 'voice', bytes: randomBytes(3_000), mime: 'audio/ogg; codecs=opus', seconds: 2 },
      { kind: 'document', bytes: randomBytes(10), mime: 'application/pdf', fileName: 'nota.pdf' },
      { kind: 'sticker', bytes: randomBytes(10), mime: 'image/webp' },
      { kind: 'location', latitude: -23.5, longitude: -46.6, name: 'Loja' },
      { kind: 'contacts', contacts: [{ name: 'Bia', number: '5511911112222' }] },
      { kind: 'poll', question: 'Qual?', options: ['a', 'b'] },
      {
        kind: 'raw',
        message: { listResponseMessage: { title: 'Vendas', singleSelectReply: { selectedRowId: 'v' } } },
      },
    ] as const
    for (const content of contents)
      await whatsapp.write({ from: ANA, to: ACCOUNT, content: content as never })
    await nth(made, contents.length)
    const got = messagesOf(made)
    expect(got.map(one => (one.type === 'message' ? [one.kind, one.text] : [one.type]))).toEqual([
      ['text', 'oi'],
      ['image', 'veja'],
      ['voice', ''],
      ['document', ''],
      ['sticker', ''],
      ['location', 'Loja\nhttps://maps.google.com/?q=-23.5,-46.6'],
      ['contacts', expect.stringContaining('Bia')],
      ['unsupported', 'unsupported: poll: Qual?'],
      ['interactive', 'Vendas'],
    ])
    expect(got[0]).toMatchObject({ chat: { name: 'Ana', group: false }, late: false, fromMe: false })
    expect(got[0]?.chat.addresses).toEqual([
      { kind: 'phone', value: ANA },
      { kind: 'lid', value: expect.any(String) },
    ])
    const image = got[1]?.type === 'message' ? got[1].media : undefined
    const fetched = await made.device.connection.fetchMedia(image?.providerMediaId ?? '')
    expect(fetched).toMatchObject({ mime: 'image/jpeg', size: photo.length })
    expect((await bytesOf(fetched.bytes)).equals(photo)).toBe(true)
    expect(got[8]).toMatchObject({ details: { type: 'list_reply', id: 'v', title: 'Vendas' } })
  })

  test('wrapped, quoting, reacted to, edited, revoked; the status of others is only counted', async () => {
    const made = await linked()
    const { whatsapp, device } = made
    const say = (content: object, more = {}) =>
      whatsapp.write({ from: ANA, to: ACCOUNT, content: content as never, ...more })
    const first = await say({ kind: 'text', text: 'um' }, { wrap: 'ephemeral' })
    await say({ kind: 'image', bytes: randomBytes(10) }, { wrap: 'view-once' })
    await say({ kind: 'text', text: 'dois' }, { quoting: first.id })
    await say({ kind: 'reaction', about: first.id, emoji: '👍' })
    await say({ kind: 'edit', about: first.id, text: 'uno' })
    await say({ kind: 'revoke', about: first.id })
    await whatsapp.write({ from: ANA, to: 'status', content: { kind: 'text', text: 'status' } })
    await nth(made, 6)
    expect(messagesOf(made)).toMatchObject([
      { type: 'message', kind: 'text', text: 'um' },
      { type: 'message', kind: 'image' },
      { type: 'message', text: 'dois', quotedProviderMessageId: first.id },
      { type: 'reaction', target: first.id, emoji: '👍' },
      { type: 'edit', target: first.id, text: 'uno' },
      { type: 'revoke', target: first.id },
    ])
    await until('the status', () => device.items.some(one => one.item === 'ignored' && one.kind === 'status'))
    expect(messagesOf(made)).toHaveLength(6)
  })

  test('from a group, with its name and who wrote; and from the company’s own phone', async () => {
    const made = await linked()
    const { whatsapp } = made
    const { jid } = await whatsapp.group({ subject: 'Obra', members: [ANA, ACCOUNT, '5511900000009'] })
    await whatsapp.write({ from: ANA, to: jid, content: { kind: 'text', text: 'um' } })
    await whatsapp.write({ from: '5511900000009', to: jid, content: { kind: 'text', text: 'dois' } })
    await whatsapp.write({ from: ANA, to: jid, content: { kind: 'text', text: 'três' } })
    await nth(made, 3)
    await whatsapp.write({ from: ACCOUNT, to: ANA, content: { kind: 'text', text: 'do celular' } })
    await nth(made, 4)
    const got = messagesOf(made)
    expect(
      got.slice(0, 3).map(one => [one.chat.name, one.chat.addresses, one.author.addresses[0]?.value]),
    ).toEqual([
      ['Obra', [{ kind: 'group', value: jid }], ANA],
      ['Obra', [{ kind: 'group', value: jid }], '5511900000009'],
      ['Obra', [{ kind: 'group', value: jid }], ANA],
    ])
    expect(got[3]).toMatchObject({
      fromMe: true,
      text: 'do celular',
      chat: { addresses: [{ kind: 'phone', value: ANA }, {}] },
    })
    expect(got[3]).not.toHaveProperty('ref')
  })

  test('what could not be opened is asked for again, and comes once', async () => {
    const made = await linked()
    await made.whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'ok' } })
    await nth(made, 1)
    await made.whatsapp.write({
      from: ANA,
      to: ACCOUNT,
      content: { kind: 'text', text: 'selado' },
      undecryptable: true,
    })
    await nth(made, 2)
    expect(made.device.texts()).toEqual(['ok', 'selado'])
  })

  test('what waited while we were away comes in order and is marked late', async () => {
    const made = await linked()
    await made.device.connection.close()
    for (const text of ['a', 'b', 'c'])
      await made.whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text } })
    await made.device.connected()
    await nth(made, 3)
    expect(made.device.texts()).toEqual(['a', 'b', 'c'])
    expect(messagesOf(made).map(one => one.late)).toEqual([true, true, true])
  })

  test('calls, turned away in the words that were set', async () => {
    const made = await linked({ settings: { rejectCalls: { text: 'Por favor, escreva.' } } })
    const { callId } = await made.whatsapp.call({ from: ANA, to: ACCOUNT, video: true })
    const call = await until('the call', () => made.device.items.find(one => one.item === 'call'))
    expect(call).toMatchObject({ callId, video: true, rejected: true, chat: { group: false } })
    await until('the words', async () => (await made.whatsapp.sentTo({ number: ANA }))[0]?.text)
    expect(await made.whatsapp.rejectedCalls({ account: ACCOUNT })).toHaveLength(1)
    expect(await nth(made, 1)).toMatchObject({ fromMe: true, text: 'Por favor, escreva.' })
  })
})

describe('a death between the key and the fact', () => {
  test('what was acknowledged and handed to nobody is handed on by the next connection, first and in order', async () => {
    const made = await linked()
    let die = (): void => {}
    made.device.onItems = () => new Promise((_, reject) => (die = () => reject(new Error('dead'))))
    closing.push(async () => die())
    for (const text of ['um', 'dois'])
      await made.whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text } })
    await until(
      'both receipts',
      async () => (await made.whatsapp.receiptsFrom({ account: ACCOUNT })).length >= 2,
    )
    // Nothing of that connection is left but its drawer: as after kill -9.
    const { provider, ids, device } = made
    await made.whatsapp.cut({ account: ACCOUNT })
    await until('its end', () => device.last() === 'closed')
    const texts: string[] = []
    const next = await provider.connect({
      ...ids,
      credentials: {},
      settings: {},
      store: device.drawer.store,
      handlers: {
        onItems: async items => {
          for (const one of items)
            if (one.item === 'message' && one.message.type === 'message') texts.push(one.message.text)
        },
        onState: () => {},
      },
    })
    closing.push(() => next.close())
    await made.whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'três' } })
    await until('all three', () => texts.length === 3)
    expect(texts).toEqual(['um', 'dois', 'três'])
    await until('an empty journal', async () => (await device.drawer.store.keys('in/')).length === 0)
  })

  test('key and message are one commit; when that fails nothing is acknowledged, and it comes again', async () => {
    const made = await linked()
    const { device, whatsapp } = made
    await whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'um' } })
    await nth(made, 1)
    const together: string[][] = []
    device.drawer.onCommit(changes => {
      const names = [...changes.keys()].map(key => key.split('/').slice(0, 2).join('/'))
      if (names.some(name => name.startsWith('key/session')))
        together.push(names.map(name => name.replace(/\d+$/, 'n')))
    })
    device.drawer.failNext(1)
    await whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'dois' } })
    await until('closed', () => device.last() === 'closed')
    expect(device.states.at(-1)).toMatchObject({ reason: 'keys-not-durable' })
    expect(device.texts()).toEqual(['um'])
    await device.connected()
    await nth(made, 2)
    expect(device.texts()).toEqual(['um', 'dois'])
    expect(together.at(-1)).toEqual(['key/session', 'in/n'])
  })
})

describe('what goes out', () => {
  test('every kind, as the phone shows it', async () => {
    const made = await linked()
    const { device, whatsapp } = made
    const file = randomBytes(50_000)
    const pdf = fileOf(file, 'application/pdf', 'nota.pdf')
    const send = async (content: OutboundContent, more: Partial<OutboundMessage> = {}) => {
      const result = await device.connection.send(outbound(content, more))
      if (result.outcome !== 'sent') throw new Error(result.reason)
      return { providerMessageId: result.providerMessageId, fromMe: true }
    }
    const first = await send({ kind: 'text', body: 'olá' })
    await send({ kind: 'document', media: pdf, body: 'segue' })
    await send({ kind: 'voice', media: { ...fileOf(file, 'audio/ogg; codecs=opus'), seconds: 3 }, body: '' })
    await send({ kind: 'location', latitude: 1, longitude: 2, name: 'Aqui' })
    await send({ kind: 'contacts', cards: [{ name: 'Bia; Lima', phones: ['+55 11 91111-2222'] }] })
    await send({ kind: 'text', body: 'sobre isso' }, { quoted: first })
    await send({ kind: 'reaction', target: first, emoji: '❤️' })
    await send({ kind: 'edit', target: first, body: 'olá!' })
    await send({ kind: 'revoke', target: first })
    const got = await until('nine', async () => {
      const all = await whatsapp.sentTo({ number: ANA })
      return all.length === 9 && all
    })
    expect(got.map(({ kind, text }) => [kind, text])).toEqual([
      ['text', 'olá'],
      ['document', 'segue'],
      ['voice', null],
      ['location', null],
      ['contacts', null],
      ['text', 'sobre isso'],
      ['reaction', null],
      ['edit', 'olá!'],
      ['revoke', null],
    ])
    for (const at of [1, 2]) expect(got[at]?.media?.bytes.equals(file)).toBe(true)
    expect(got[1]?.media?.fileName).toBe('nota.pdf')
    expect(got[4]?.contacts[0]?.vcard).toContain('FN:Bia\\; Lima')
    expect(got[5]?.quoted).toBe(first.providerMessageId)
    expect(got.slice(6).map(one => one.about)).toEqual(Array(3).fill(first.providerMessageId))
    expect(await whatsapp.failures({})).toEqual([])
  })

  test('a file that WhatsApp’s store takes and says nothing of is tried again later', async () => {
    const { device, whatsapp } = await linked()
    const content = {
      kind: 'document',
      media: fileOf(randomBytes(5_000), 'application/pdf'),
      body: '',
    } as const
    await whatsapp.failMedia({ times: 1, silent: true })
    const first = await device.connection.send(outbound(content))
    expect(first).toMatchObject({ outcome: 'refused', retryable: true })
    expect(await device.connection.send(outbound(content))).toMatchObject({ outcome: 'sent' })
    expect(await whatsapp.sentTo({ number: ANA })).toHaveLength(1)
  })

  test('as many at once as a session sends, without what Node takes for a leak of listeners', async () => {
    const { device, whatsapp } = await linked()
    const leaks: Error[] = []
    const onWarning = (warning: Error): void => {
      if (warning.name === 'MaxListenersExceededWarning') leaks.push(warning)
    }
    process.on('warning', onWarning)
    closing.push(async () => void process.off('warning', onWarning))
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        device.connection.send(outbound({ kind: 'text', body: String(n) })),
      ),
    )
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['sent']))
    expect(await whatsapp.sentTo({ number: ANA })).toHaveLength(16)
    expect(leaks).toEqual([])
  })

  test('read receipts, typing, pictures; a number that is not there', async () => {
    const { device, whatsapp } = await linked()
    await whatsapp.person({ number: ANA, picture: Buffer.from('a face') })
    const { id } = await whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text: 'oi' } })
    await until('it', () => device.texts()[0])
    await device.connection.markRead(TO_ANA, [id])
    await until('read', async () =>
      (await whatsapp.receiptsFrom({ account: ACCOUNT })).some(
        one => one.type === 'read' && one.ids.includes(id),
      ),
    )
    await device.connection.typing?.(TO_ANA, true)
    await until('typing', async () =>
      (await whatsapp.presencesFrom({ account: ACCOUNT })).some(one => one.state === 'composing'),
    )
    const picture = await device.connection.profilePicture?.(TO_ANA)
    expect((await bytesOf(picture?.bytes ?? (async function* () {})())).toString()).toBe('a face')
    expect(
      await device.connection.send(
        outbound({ kind: 'text', body: 'x' }, { to: [{ kind: 'phone', value: '551100000000' }] }),
      ),
    ).toMatchObject({ outcome: 'refused', code: 'not-on-whatsapp', retryable: false })
    expect(
      await device.connection.send(
        outbound({ kind: 'template', name: 'n', language: 'pt', parameters: [], body: '' }),
      ),
    ).toMatchObject({ outcome: 'refused', code: 'unsupported-kind' })
  })

  test('a phone that could not open it gets it again from our own log', async () => {
    const said = new Map<string, OutboundContent>()
    const { device, whatsapp } = await linked({ sentBefore: async id => said.get(id) ?? null })
    const result = await device.connection.send(outbound({ kind: 'text', body: 'de novo' }))
    if (result.outcome !== 'sent') throw new Error(result.reason)
    said.set(result.providerMessageId, { kind: 'text', body: 'de novo' })
    // Another process: what Baileys remembers is gone.
    await device.connection.close()
    await device.connected()
    await whatsapp.askAgain({ by: ANA, id: result.providerMessageId })
    await until('a second arrival', async () => (await whatsapp.sentTo({ number: ANA }))[0]?.arrivals === 2)
    expect(await whatsapp.failures({})).toEqual([])
  })

  test('a receipt for what was sent by a process that died says which message it was', async () => {
    const { device, whatsapp } = await linked()
    await whatsapp.misbehave({ account: ACCOUNT, loseAcks: 1 })
    const message = outbound({ kind: 'text', body: 'talvez' })
    const sending = device.connection.send(message)
    await until('the phone has it', async () => (await whatsapp.sentTo({ number: ANA }))[0])
    await device.connection.close()
    expect(await sending).toMatchObject({ outcome: 'unknown' })
    await device.connected()
    const [arrived] = await whatsapp.sentTo({ number: ANA })
    await whatsapp.receipt({ by: ANA, ids: [arrived?.id ?? ''], kind: 'read' })
    await until('read', () =>
      device.items.some(
        one => one.item === 'status' && one.status.ack === 'read' && one.status.ref === message.ref,
      ),
    )
  })
})

type Linked = { whatsapp: WhatsApp; device: ReturnType<typeof deviceOn>['device'] }
test('many devices in one process, one of them flooded and one cut, do not disturb each other', async () => {
  const whatsapp = await startWhatsApp({ quickPairing: true })
  closing.push(() => whatsapp.close())
  const accounts = ['5511900000001', '5511900000002', '5511900000003']
  const devices: Linked['device'][] = []
  for (const number of accounts) {
    const { device } = deviceOn(whatsapp)
    await device.connect()
    closing.push(() => device.connection.close())
    await scanned(whatsapp, device, number)
    devices.push(device)
  }
  const [flooded, cut, calm] = devices
  const flooding = whatsapp.flood({ from: [ANA], to: accounts[0] ?? '', count: 100 })
  await whatsapp.cut({ account: accounts[1] ?? '' })
  await whatsapp.write({ from: ANA, to: accounts[2] ?? '', content: { kind: 'text', text: 'calma' } })
  await until('the calm one', () => calm?.texts()[0] === 'calma')
  await flooding
  await until('the flood', () => flooded?.texts().length === 100)
  expect(flooded?.texts()).toEqual(Array.from({ length: 100 }, (_, i) => `text ${i}`))
  await until('the cut one', () => cut?.last() === 'closed')
})
