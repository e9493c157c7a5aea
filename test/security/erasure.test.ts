import { createHmac, randomUUID } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDirectory } from '../../src/actors/directory.ts'
import { isRefusal } from '../../src/commands/define.ts'
import { commandHandler } from '../../src/commands/handle.ts'
import type { CommandTools } from '../../src/commands/tools.ts'
import { loadConfig, type Config } from '../../src/config.ts'
import { vaultEarlyActions } from '../../src/main/early-actions.ts'
import { openGround, type Ground } from '../../src/main/ground.ts'
import { logReads } from '../../src/main/log-reads.ts'
import { startServer, type Running } from '../../src/main/server.ts'
import type { Contact, Message } from '../../src/realtime/protocol.ts'
import { systemClock } from '../../src/shared/clock.ts'
import type { CompanyId } from '../../src/shared/ids.ts'
import { silentLog } from '../../src/shared/log.ts'
import { dataKeys, tenantKey } from '../../src/vault/data-keys.ts'
import { apiClient, type Api } from '../support/api.ts'
import { until } from '../support/until.ts'

/** A person is erased from a real server, which is stopped at the worst moment; then every file is searched for them. */
const ADMIN = { email: 'admin@example.com', password: 'correct-horse-battery' }
const CANARY = {
  phone: '5511987650077',
  name: 'Zulmira Canarinho',
  words: 'cyan-zebra-words',
  picture: 'magenta-walrus-bytes',
  long: 'ochre-ibis-raw',
  letter: 'teal-okapi-letter',
  edit: 'plum-heron-edit',
  otherPhone: '5511987650099',
  otherName: 'Zuzu Canarinho',
  otherWords: 'amber-lynx-words',
}
const NEIGHBOUR = { phone: '5511987650088', words: 'words-of-the-neighbour' }
const APP_SECRET = 'APP-SECRET'

let folder: string
let config: Config
let server: Running
let admin: Api
let session = ''
let cloud = ''
let company = ''
let contact = ''
let ticket = ''
let picture = ''
/** The same person, who wrote from another number before anybody knew. */
let other = ''

const start = async (): Promise<void> => {
  server = await startServer(config, systemClock, silentLog)
  await until('ready', async () => (await fetch(`${server.url}/health/ready`)).status === 200)
  admin = apiClient(() => server.url)
  await admin.login(ADMIN.email, ADMIN.password)
}

const inbound = (body: object) =>
  admin.post<{ messageId: string }>(`/simulator/${session}/inbound`, body).then(({ messageId }) => messageId)

/** A delivery for a number that no session has: nobody knows whose it is, so it is a dead letter. */
const strayDelivery = async (): Promise<void> => {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '1', phone_number_id: '999' },
    contacts: [{ profile: { name: CANARY.name }, wa_id: CANARY.phone }],
    messages: [
      {
        from: CANARY.phone,
        id: 'wamid.letter',
        timestamp: '1700000000',
        type: 'text',
        text: { body: CANARY.letter },
      },
    ],
  }
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'messages', value }] }],
  })
  const signature = `sha256=${createHmac('sha256', APP_SECRET).update(body).digest('hex')}`
  const answer = await fetch(`${server.url}/webhooks/whatsapp/${cloud}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
  })
  expect(answer.status).toBe(200)
}

/** Asks the door while no server runs: what follows from it has to wait for the next start. */
const askOffline = async (command: string, input: object): Promise<void> => {
  const ground = await openGround(config, systemClock, silentLog)
  const keys = dataKeys(ground.vault, { cacheMax: 10, clock: systemClock })
  const directory = createDirectory({
    store: ground.store,
    keys,
    clock: systemClock,
    log: silentLog,
    stop: new AbortController().signal,
    writer: '',
  })
  const tools = {
    directory,
    clock: systemClock,
    tenantKey: (id: string) => tenantKey(ground.vault, id),
    contactAddresses: logReads(ground.store, keys).contactAddresses,
    contactCard: logReads(ground.store, keys).contactCard,
    conversationAddresses: logReads(ground.store, keys).conversationAddresses,
  } as unknown as CommandTools
  const who = {
    kind: 'system',
    companyId: company as CompanyId,
    actor: { kind: 'system', id: 'test' },
  } as const
  const answer = await commandHandler(tools).ask(who, command, input, { correlationId: 'test' })
  await ground.close()
  if (isRefusal(answer)) throw new Error(answer.detail)
}

const inGround = async <T>(look: (ground: Ground) => Promise<T>): Promise<T> => {
  const ground = await openGround(config, systemClock, silentLog)
  try {
    return await look(ground)
  } finally {
    await ground.close()
  }
}

const completions = (): Promise<number> =>
  inGround(async ({ store }) => {
    let count = 0
    for await (const { type } of store.readAll({ streamPrefixes: ['contact-'] }))
      if (type === 'contact.erasureCompleted') count++
    return count
  })
const hasKey = (): Promise<boolean> =>
  inGround(async ({ vault }) => (await vault.get('data-keys', `${company}/${contact}`)) !== null)

/** Somebody changed a message before it came. */
const sayEarly = (value: string): Promise<void> =>
  inGround(({ vault }) => {
    const party = { addresses: [{ kind: 'phone', value }] }
    const edit = { type: 'edit', providerMessageId: `edit-${value}`, target: 'never-came', text: CANARY.edit }
    const message = { ...edit, chat: { ...party, group: false }, author: party, fromMe: false, late: false }
    const sentAt = new Date().toISOString()
    const item = { item: 'message', message: { ...message, sentAt } }
    const text = JSON.stringify({
      companyId: company,
      sessionId: session,
      item,
      until: Date.now() + 3_600_000,
    })
    return vaultEarlyActions(vault).put(`${company}/${session}/${randomUUID()}`, text)
  })
/** What was said of messages that have not come. */
const early = (): Promise<readonly string[]> => inGround(({ vault }) => vault.keys('early-actions', ''))

const filesBelow = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

const filesWith = async (canaries: readonly string[]): Promise<string[]> => {
  const found: string[] = []
  for (const file of await filesBelow(config.dataDir)) {
    const bytes = await readFile(file)
    for (const canary of canaries)
      if (bytes.includes(canary)) found.push(`${file.slice(config.dataDir.length)}: ${canary}`)
  }
  return found
}

const gone = (): Promise<unknown> =>
  until('the erasure', async () => {
    const letters = await admin.get<{ items: { status: string }[] }>('/dead-letters')
    return letters.items.every(({ status }) => status === 'erased')
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fio-erasure-'))
  const { email, password } = ADMIN
  config = loadConfig({
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
  })
  await start()
  company = (await admin.get<{ companyId: string }>('/me')).companyId
  session = await admin.openSession({ name: 'Sim', provider: 'simulator', queueIds: [] })
  const settings = { phoneNumberId: '777', accessToken: 'T', appSecret: APP_SECRET, verifyToken: 'V' }
  cloud = (await admin.post('/sessions', { name: 'C', provider: 'cloud', settings })).id
  await inbound({ from: CANARY.phone, name: CANARY.name, text: CANARY.words })
  const media = { mime: 'image/png', base64: Buffer.from(CANARY.picture).toString('base64') }
  picture = await inbound({ from: CANARY.phone, name: CANARY.name, text: 'a picture', media })
  await inbound({ from: CANARY.phone, text: `${CANARY.long} ${'x'.repeat(60_000)}` })
  await inbound({ from: NEIGHBOUR.phone, name: 'Neighbour', text: NEIGHBOUR.words })
  await inbound({ from: CANARY.otherPhone, name: CANARY.otherName, text: CANARY.otherWords })
  await strayDelivery()
  const found = await until('the tickets', async () => {
    const tickets = await admin.tickets()
    const theirs = tickets.find(({ contact }) => contact.name === CANARY.otherName)
    other = theirs?.contact.id ?? ''
    return tickets.length === 3 && tickets.find(({ contact }) => contact.name === CANARY.name)
  })
  ;[ticket, contact] = [found.id, found.contact.id]
  await admin.post(`/tickets/${ticket}/accept`)
  await admin.post(`/tickets/${ticket}/messages`, { body: `answer with ${CANARY.words}` })
  await until('its words', async () => {
    const { items } = await admin.get<{ items: unknown[] }>(`/messages/search?q=${CANARY.words}`)
    return items.length === 2
  })
  await until('the picture', async () => (await admin.ask('GET', `/media/${picture}`)).status === 200)
  await admin.post(`/contacts/${other}/merge`, { intoId: contact })
  await until('one live ticket of both', async () => {
    const theirs = await admin.tickets(`?contactId=${contact}`)
    return theirs.length === 2 && theirs.filter(({ status }) => status === 'closed').length === 1
  })
  expect((await admin.ticket(ticket)).status).toBe('open')
}, 120_000)
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('a person is erased', () => {
  test('from everywhere, although the server died right after it was decided', async () => {
    await server.stop()
    for (const { phone } of [CANARY, NEIGHBOUR]) await sayEarly(phone)
    expect(await early()).toHaveLength(2)
    await cp(join(config.dataDir, 'vault'), join(folder, 'older-vault'), { recursive: true })
    expect(await filesWith([CANARY.picture, CANARY.long])).not.toEqual([])
    await askOffline('contact.erase', { id: contact })
    expect(await hasKey()).toBe(true)
    await start()
    await gone()
    await until('the other contact too', async () => (await admin.get<Contact>(`/contacts/${other}`)).erased)

    expect(await admin.get<Contact>(`/contacts/${contact}`)).toMatchObject({
      erased: true,
      name: null,
      phone: null,
      addresses: [],
    })
    const shown = await admin.ticket(ticket)
    expect(shown).toMatchObject({ status: 'closed', contact: { name: null, phone: null, erased: true } })
    const messages = await admin.messages(ticket)
    expect(messages.length).toBe(4)
    expect(messages.map(({ body }) => body)).toEqual(['', '', '', ''])
    expect((await admin.ask('GET', `/media/${picture}`)).status).toBe(404)
    for (const path of [
      `/tickets/${ticket}/history`,
      `/tickets/${ticket}/at/${shown.revision}`,
      `/contacts?q=Zulmira`,
      `/contacts?q=${CANARY.phone}`,
      `/tickets?q=Zulmira`,
      `/contacts/${other}/history`,
      `/tickets?contactId=${other}`,
      ...['cyan', 'picture', 'ochre', 'answer', 'amber'].map(q => `/messages/search?q=${q}`),
      `/messages/search?q=words&contactId=${contact}`,
    ]) {
      const { body } = await admin.ask('GET', path)
      for (const canary of Object.values(CANARY)) expect(JSON.stringify(body), path).not.toContain(canary)
      if (path.startsWith('/messages/search')) expect(body, path).toMatchObject({ items: [] })
    }
    expect(await admin.get('/messages/search?q=neighbour')).toMatchObject({ items: [{}] })
    const [letter] = (await admin.get<{ items: { id: string }[] }>('/dead-letters')).items
    expect(await admin.get(`/dead-letters/${letter!.id}`)).toMatchObject({ status: 'erased', payload: null })
  }, 120_000)

  test('who then writes from the same number is somebody new', async () => {
    await inbound({ from: CANARY.phone, name: 'Somebody', text: 'hello again' })
    const tickets = await until('a new ticket', async () => {
      const all = await admin.tickets()
      return all.length === 4 && all
    })
    const fresh = tickets.find(({ contact }) => contact.name === 'Somebody')!
    expect(fresh.contact.id).not.toBe(contact)
    const bodies = (await admin.get<{ items: Message[] }>(`/tickets/${fresh.id}/messages`)).items
    expect(bodies.map(({ body }) => body)).toEqual(['hello again'])
    // And is forgotten too, so that the search of the files below finds nobody's number.
    await admin.post(`/contacts/${fresh.contact.id}/erase`, { reason: 'mistake' })
    await until('the second erasure', async () => (await admin.ticket(fresh.id)).status === 'closed')
  })

  test('a vault from before the erasure learns of it at the next start', async () => {
    await server.stop()
    expect(await completions()).toBeGreaterThanOrEqual(1)
    await rm(join(config.dataDir, 'vault'), { recursive: true })
    await cp(join(folder, 'older-vault'), join(config.dataDir, 'vault'), { recursive: true })
    expect(await hasKey()).toBe(true)
    await start()
    await gone()
    // The neighbour's message is dealt with after the erasures before it.
    await until('the key to be gone again', async () => {
      await server.stop()
      const there = await hasKey()
      await start()
      return !there
    })
  }, 120_000)

  test('nothing of theirs stands in any file, once the database has rewritten its tables', async () => {
    await server.stop()
    await inGround(async ({ database }) => {
      const db = database.db as unknown as Parameters<ReturnType<typeof sql.raw>['execute']>[0]
      await sql.raw('vacuum full').execute(db)
      await sql.raw('checkpoint').execute(db)
    })
    // The neighbour's is still waited for.
    expect(await early()).toHaveLength(1)
    const found = await filesWith(Object.values(CANARY))
    // The write-ahead log of the embedded database is overwritten as it goes round, not at once.
    expect(found.filter(file => !file.includes('pg_wal'))).toEqual([])
    expect(await filesWith([NEIGHBOUR.words])).not.toEqual([])
    await start()
  }, 120_000)
})
