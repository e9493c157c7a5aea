import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiClient, type Api, type Made } from '../support/api.ts'
import { startNode, type App } from '../support/app.ts'
import { startReadyProxy, type ReadyProxy } from '../support/ready-proxy.ts'
import { makeRelease, NEW_RELEASE, OLD_RELEASE, type Release } from '../support/release.ts'
import { until } from '../support/until.ts'
import { ADMIN, columnAvailable, startWorld, type World } from '../support/world.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { openScreen, type Screen } from './screen.ts'
import { judge, together, wrongsOf } from './verdict.ts'

/**
 * From one release to the next while everything goes on: two servers of the old release behind a load balancer are replaced
 * by two of the new one, one after the other. The new one writes a fact in a version that the old one only reads, and makes
 * a read model in another way. Nobody outside notices anything.
 */
const ANSWERED = ['Ana', 'Bia']
const CLOSED = ['Caio', 'Duda']
const NAMES = [...ANSWERED, ...CLOSED]
const WAIT_MS_MAX = 120_000
/** How many further messages make a step of the upgrade one under load. */
const WORK = 25
const LOAD_BALANCER_MS = 1_500

describe.skipIf(!(await columnAvailable('outside')))('a rolling upgrade under load', () => {
  let world: World
  let releases: { old: Release; next: Release }
  let proxy: ReadyProxy
  let ledger: Ledger
  let folder = ''
  let screen: Screen
  const apps: App[] = []
  const sessions: string[] = []
  const ticketIds = new Map<string, string>()
  /** What went wrong with a request, and how many there were. */
  const failed: string[] = []
  let asked = 0

  const sessionOf = (name: string): string => sessions[NAMES.indexOf(name) % sessions.length]!
  const ticketOf = (name: string): string => ticketIds.get(name)!
  const rest = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

  const startServer = async (release: Release): Promise<App> => {
    const environment = { SHUTDOWN_DELAY_MS: String(LOAD_BALANCER_MS) }
    const app = await startNode(world, apps.length, environment, release.program)
    apps.push(app)
    proxy.add(app.url)
    await until('requests to go there', () => proxy.sends(app.url))
    return app
  }
  /** Somebody who works through the load balancer, and for whom each request has to go well at the first try. */
  const person = async (): Promise<
    <T>(method: string, path: string, body?: unknown) => Promise<T | null>
  > => {
    const api: Api = apiClient(() => proxy.url)
    await api.login(ADMIN.email, ADMIN.password)
    return async <T>(method: string, path: string, body?: unknown) => {
      asked += 1
      const answer = await api
        .ask<T>(method, path, body === undefined ? {} : { body })
        .catch((error: unknown) => ({ status: 0, body: String(error) }))
      if (answer.status >= 200 && answer.status < 300) return answer.body as T
      failed.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return null
    }
  }

  /** What was not acknowledged is kept by the network and delivered to whoever runs the session then. */
  const write = async (name: string, n: number): Promise<boolean> => {
    ledger.handedIn(name, n)
    const from = `55119666600${String(NAMES.indexOf(name)).padStart(2, '0')}`
    const accepted = await world.phone
      .inbound(sessionOf(name), { from, name, text: `${name} ${n}`, id: `${name}-${n}` })
      .then(
        () => true,
        () => false,
      )
    if (accepted) ledger.accepted(name, n)
    return accepted
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fio-upgrade-'))
    ledger = openLedger(join(folder, 'ledger.jsonl'))
    const [old, next] = await Promise.all([makeRelease(OLD_RELEASE), makeRelease(NEW_RELEASE)])
    releases = { old, next }
    world = await startWorld('outside')
    proxy = await startReadyProxy()
    await startServer(old)
    await startServer(old)
    const api = apiClient(() => proxy.url)
    await api.login(ADMIN.email, ADMIN.password)
    for (const name of ['Loja', 'Oficina'])
      sessions.push(await api.openSession({ name, provider: 'simulator' }))
    for (const name of NAMES) {
      await until(`${name} to be heard`, () => write(name, 0))
      const ticket = await until(
        `a ticket of ${name}`,
        async () => (await api.ticketsOf(sessionOf(name), name))[0],
      )
      ticketIds.set(name, ticket.id)
      await api.post(`/tickets/${ticket.id}/accept`)
    }
    screen = await openScreen(proxy.url, async () => {
      const lists = await Promise.all(NAMES.map(name => api.messages(ticketOf(name))))
      return lists.flat().map(({ id }) => id)
    })
  }, 2 * WAIT_MS_MAX)
  afterAll(async () => {
    screen.close()
    await proxy.close()
    await Promise.all(apps.map(app => app.kill('SIGKILL')))
    await world.close()
    ledger.close()
    await Promise.all(Object.values(releases).map(release => release.remove()))
    await rm(folder, { recursive: true })
  }, WAIT_MS_MAX)

  const customer = async (name: string, stopped: () => boolean): Promise<void> => {
    for (let n = 1; !stopped(); n++) await rest((await write(name, n)) ? 30 : 100)
  }
  const agent = async (name: string, stopped: () => boolean): Promise<void> => {
    const ask = await person()
    for (let n = 0; !stopped(); n++) {
      const made = await ask<Made>('POST', `/tickets/${ticketOf(name)}/messages`, { body: `to ${name} ${n}` })
      if (made) ledger.replied(name, n, made.id)
      await rest(60)
    }
  }
  /** Closes the ticket, which the customer's next message opens again, and accepts it then. */
  const closer = async (name: string, stopped: () => boolean): Promise<void> => {
    const ask = await person()
    const path = `/tickets/${ticketOf(name)}`
    while (!stopped()) {
      const ticket = await ask<{ status: string }>('GET', path)
      if (ticket?.status === 'pending') await ask('POST', `${path}/accept`, {})
      if (ticket?.status === 'open') await ask('POST', `${path}/close`, {})
      await rest(100)
    }
  }
  const moreWork = (): Promise<true> => {
    const before = [ledger.count(), asked] as const
    const done = () => ledger.count() >= before[0] + WORK && asked >= before[1] + WORK
    return until('some work', done, WAIT_MS_MAX)
  }
  /** Everything that one server shows of the answered tickets, another shows too. */
  const expectShownAlike = async (by: App, after: App): Promise<void> => {
    for (const name of ANSWERED) {
      const ids = (await after.api.messages(ticketOf(name))).map(({ id }) => id)
      await until('the same messages', async () => {
        const shown = new Set((await by.api.messages(ticketOf(name))).map(({ id }) => id))
        return ids.every(id => shown.has(id))
      })
    }
  }

  test('nobody outside notices anything', { timeout: 3 * WAIT_MS_MAX }, async () => {
    const [first, second] = apps as [App, App]
    let stopping = false
    const stopped = (): boolean => stopping
    const load = Promise.all([
      ...NAMES.map(name => customer(name, stopped)),
      ...ANSWERED.map(name => agent(name, stopped)),
      ...CLOSED.map(name => closer(name, stopped)),
    ])
    const upgrade = (async () => {
      await moreWork()
      const third = await startServer(releases.next)
      await moreWork()
      await expectShownAlike(second, third)
      await first.kill('SIGTERM')
      await moreWork()
      await expectShownAlike(second, third)
      await startServer(releases.next)
      await moreWork()
      await second.kill('SIGTERM')
      await moreWork()
    })()
    await Promise.race([upgrade, load.then(() => upgrade)]).finally(() => (stopping = true))
    await load
    console.log(
      `${asked} requests; the screen came back ${screen.returned()} times: ${screen.losses().join()}`,
    )
    expect(failed).toEqual([])
    for (const old of [first, second])
      expect(old.logs()).not.toMatch(/newer than this release|the shutdown was not clean/)
  })

  test('every promise was kept', { timeout: 2 * WAIT_MS_MAX }, async () => {
    const api = apps[2]!.api
    for (const sessionId of sessions) {
      await until(
        'what waited to be delivered',
        async () => (await world.phone.look(sessionId)).waiting === 0,
        WAIT_MS_MAX,
      )
      await api.connected(sessionId)
    }
    for (const name of ANSWERED)
      await until(
        `the replies to ${name} to come to rest`,
        async () =>
          (await api.messages(ticketOf(name))).every(({ ack }) => ack !== 'queued' && ack !== 'sending'),
        WAIT_MS_MAX,
      )
    const sent = await bodiesSent()
    const accounts = ledger.read()
    const ids: string[] = []
    const verdicts = []
    for (const name of NAMES) {
      expect(await api.ticketsOf(sessionOf(name), name)).toHaveLength(1)
      const history = await api.history(ticketOf(name))
      await until(
        'it to be shown',
        async () => (await api.ticket(ticketOf(name))).revision >= history.length - 1,
      )
      const messages = await api.messages(ticketOf(name))
      ids.push(...messages.map(({ id }) => id))
      verdicts.push(judge(name, accounts.get(name)!, messages, sent))
    }
    const verdict = together(verdicts)
    const { handedIn, accepted, found, replies } = verdict
    console.log(
      `${handedIn} handed in, ${accepted} accepted, ${found} found; ${replies.queued} replies, ${replies.delivered} delivered`,
    )
    expect(wrongsOf(verdict)).toEqual({})
    expect(replies).toMatchObject({ owned: 0, delivered: replies.queued })
    await until('the screen to know everything', () => ids.every(id => screen.knows().has(id)))
    expect(screen.returned()).toBeGreaterThan(0)
  })

  test('the old release lived with facts in the version that only the new one writes', async () => {
    const log = await world.log()
    const versions = log.filter(({ type }) => type === 'message.queued').map(({ schema }) => schema)
    // Side by side, in turn: an old one behind a new one.
    expect(versions.indexOf(3)).toBeGreaterThan(0)
    expect(versions.lastIndexOf(2)).toBeGreaterThan(versions.indexOf(3))
  })

  test('what the new release shows is what it makes of the log anew', { timeout: WAIT_MS_MAX }, async () => {
    const database = new Client({ connectionString: world.environment(0)['DATABASE_URL'] })
    await database.connect()
    try {
      await Promise.all(apps.map(app => app.kill()))
      const made = await schemasOf(database)
      expect(made).toHaveLength(2)
      const poisoned = await Promise.all(made.map(schema => rowsOf(database, schema, 'poisoned')))
      expect(poisoned).toEqual([[], []])
      const [latest] = made
      const before = await tablesOf(database, latest!)
      for (const schema of made) await database.query(`drop schema ${schema} cascade`)
      const again = await startNode(world, 0, {}, releases.next.program)
      await again.kill()
      expect(await schemasOf(database)).toEqual([latest])
      expect(await tablesOf(database, latest!)).toEqual(before)
    } finally {
      await database.end()
    }
  })

  const bodiesSent = async (): Promise<string[]> => {
    const bodies: string[] = []
    for (const sessionId of sessions)
      for (let after: string | null = null; ;) {
        const page: Awaited<ReturnType<typeof world.phone.outbound>> = await world.phone.outbound(
          sessionId,
          after,
        )
        if (page.items.length === 0) break
        bodies.push(...page.items.map(({ body }) => body))
        after = page.nextCursor
      }
    return bodies
  }
})

const rowsOf = async (database: Client, schema: string, name: string): Promise<unknown[]> =>
  (await database.query(`select to_jsonb(t) as row from ${schema}.${name} t order by 1`)).rows

/** The sets of read models, the one written to last first. */
const schemasOf = async (database: Client): Promise<string[]> => {
  const found = await database.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname ~ '^read_v[0-9]+_[0-9a-f]{8}_[0-9a-f]{8}$'`,
  )
  const dated = await Promise.all(
    found.rows.map(async ({ name }) => {
      const { rows } = await database.query<{ at: Date }>(`select updated_at as at from ${name}.checkpoint`)
      return { name, at: rows[0]!.at.getTime() }
    }),
  )
  return dated.sort((a, b) => b.at - a.at).map(({ name }) => name)
}

/** Every row of the tickets and what is in them. */
const tablesOf = async (database: Client, schema: string): Promise<Record<string, unknown[]>> => {
  const names = ['ticket_row', 'message_row', 'conversation_row', 'contact_row']
  return Object.fromEntries(
    await Promise.all(names.map(async name => [name, await rowsOf(database, schema, name)] as const)),
  )
}
