import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startLargeServer } from './support/large-server.ts'
import type { LoadAnswer, LoadAsk } from './support/load-client.ts'
import { column, quantile, report, type Figure } from './support/results.ts'

/**
 * How quickly the API answers on a large company: `BENCH_TICKETS` (20000) with `BENCH_MESSAGES` (400000) in all, over
 * real HTTP with kept connections, asked by a client in a process of its own whose CPU is stated, each route for
 * `BENCH_SECONDS` (5). Embedded; on Postgres with `DATABASE_URL` (an empty database). The product has no dashboard and
 * no reports yet, so their figures are not here.
 */
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? '5')
const size = {
  tickets: Number(process.env['BENCH_TICKETS'] ?? '20000'),
  messages: Number(process.env['BENCH_MESSAGES'] ?? '400000'),
}
const MANY = 16
const IN_TURN = 200
const ACCEPTS_BEFORE = 200
const ACCEPTS = 500

const run = promisify(execFile)
const tsx = join(createRequire(import.meta.url).resolve('tsx/package.json'), '../dist/cli.mjs')
const client = join(import.meta.dirname, 'support/load-client.ts')

const server = await startLargeServer(size)
const figures: Figure[] = []

const load = async (paths: readonly string[], clients: number): Promise<LoadAnswer & { note: string }> => {
  const ask: LoadAsk = { url: server.url, token: server.token, paths, clients, seconds: SECONDS }
  const before = server.cpuSeconds()
  const began = performance.now()
  const { stdout } = await run(process.execPath, [tsx, client, JSON.stringify(ask)]).catch(
    (error: unknown) => {
      const { stderr } = error as { stderr?: string }
      throw new Error(`the load client: ${stderr ?? String(error)}`)
    },
  )
  const answer = JSON.parse(stdout) as LoadAnswer
  const serverCpu = (server.cpuSeconds() - before) / ((performance.now() - began) / 1000)
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  return { ...answer, note: `CPU: client ${percent(answer.cpu)}, server ${percent(serverCpu)} of a core` }
}

type Item = { id: string; contact: { id: string } }
const items = async (path: string): Promise<Item[]> =>
  (await server.call<{ items: Item[] }>('GET', path)).items

try {
  const recent = await items('/tickets?limit=100')
  const closed = await items('/tickets?limit=100&status=closed')
  const ids = [...recent, ...closed].map(({ id }) => id)
  const past: string[] = []
  for (const id of ids) if (await known(`/tickets/${id}/at/5`)) past.push(`/tickets/${id}/at/5`)

  const one = await load(['/tickets?limit=40'], 1)
  figures.push({
    figure: 'ticket list, 40: p50 at 1 client',
    value: one.p50,
    unit: 'ms',
    better: 'lower',
    must: 4,
    aim: 1,
    note: one.note,
  })
  const lists = await load(['/tickets?limit=40'], MANY)
  figures.push({
    figure: 'ticket list, 40: rate at 16 clients',
    value: lists.perSecond,
    unit: '/s',
    better: 'higher',
    must: 600,
    aim: 2_000,
    note: lists.note,
  })
  const pages = await load(
    ids.map(id => `/tickets/${id}/messages`),
    MANY,
  )
  figures.push({
    figure: 'first page of messages: rate at 16 clients',
    value: pages.perSecond,
    unit: '/s',
    better: 'higher',
    must: 800,
    aim: 2_500,
    note: pages.note,
  })

  const others: Record<string, readonly string[]> = {
    'ticket list by filter': [
      'status=pending&sort=oldest',
      'status=open',
      'userId=me',
      'unread=true',
      `contactId=${recent[0]?.contact.id}`,
    ].map(q => `/tickets?${q}`),
    'ticket list by name and number': ['Maria', 'Silva', 'ndra', '12', '99'].map(q => `/tickets?q=${q}`),
    'numbers of the tabs': ['/tickets/counts'],
    ticket: ids.map(id => `/tickets/${id}`),
    history: ids.map(id => `/tickets/${id}/history`),
    'ticket as it was': past,
    contacts: ['/contacts', '/contacts?q=Concei', '/contacts?q=9100'],
    contact: recent.map(({ contact }) => `/contacts/${contact.id}`),
    'users, queues, sessions, me': ['/users', '/queues', '/sessions', '/me'],
    'dead letters': ['/dead-letters', '/dead-letters?status=waiting'],
  }
  for (const [name, paths] of Object.entries(others)) {
    const answer = await load(paths, MANY)
    figures.push({
      figure: `${name}: p99 at 16 clients`,
      value: answer.p99,
      unit: 'ms',
      better: 'lower',
      must: 50,
      aim: 20,
      note: `${Math.round(answer.perSecond)}/s; ${answer.note}`,
    })
  }
  const words = [
    'que',
    'pedido',
    'jabut',
    'pedido entrega',
    'ornitorrinco',
    '4711',
    'xyzzy',
    'boleto vencimento',
    'senha',
  ]
  const search = await load(
    words.map(q => `/messages/search?q=${encodeURIComponent(q)}`),
    1,
  )
  figures.push({
    figure: 'message search: p99 at 1 client',
    value: search.p99,
    unit: 'ms',
    better: 'lower',
    must: 100,
    aim: 20,
    note: search.note,
  })
  const searches = await load(
    words.map(q => `/messages/search?q=${encodeURIComponent(q)}`),
    MANY,
  )
  figures.push({
    figure: 'message search: p99 at 16 clients',
    value: searches.p99,
    unit: 'ms',
    better: 'lower',
    must: 100,
    aim: 20,
    note: searches.note,
  })

  const waiting = await items('/tickets?limit=100&status=pending')
  await newCustomers(ACCEPTS_BEFORE + ACCEPTS)
  const fresh = await newestWaiting(ACCEPTS_BEFORE + ACCEPTS)
  const asleep = await accepted(waiting)
  await accepted(fresh.slice(0, ACCEPTS_BEFORE))
  const awake = await accepted(fresh.slice(ACCEPTS_BEFORE))
  figures.push(
    {
      figure: 'accept, one after the other, durable',
      value: awake.perSecond,
      unit: '/s',
      better: 'higher',
      must: 300,
      aim: 1_000,
      note: `${ACCEPTS} tickets whose customers wrote a moment ago, after ${ACCEPTS_BEFORE} others; server CPU ${awake.cpuMs.toFixed(1)} ms each`,
    },
    {
      figure: 'accept, one after the other, of tickets that sleep',
      value: asleep.perSecond,
      unit: '/s',
      better: 'higher',
      note: `${waiting.length} of them, each read from the log first; server CPU ${asleep.cpuMs.toFixed(1)} ms each`,
    },
  )

  const handed: number[] = []
  for (let i = 0; i < Math.min(IN_TURN, waiting.length * 2); i++) {
    const body = `reply ${i} ${Date.now()}`
    const sentAt = Date.now()
    await server.call('POST', `/tickets/${waiting[i % waiting.length]?.id}/messages`, { body })
    handed.push((await arrival(body)) - sentAt)
  }
  figures.push({
    figure: 'reply to channel: p99',
    value: quantile(handed, 0.99),
    unit: 'ms',
    better: 'lower',
    must: 100,
    aim: 25,
    note: 'from the request to the time that the virtual phone stamps',
  })
  report('api', { column: column(), ...size, facts: server.facts }, figures)
} finally {
  await server.stop()
}

/** Accepts them one after the other. */
async function accepted(tickets: readonly Item[]): Promise<{ perSecond: number; cpuMs: number }> {
  const cpu = server.cpuSeconds()
  const started = performance.now()
  for (const { id } of tickets) await server.post(`/tickets/${id}/accept`)
  const seconds = (performance.now() - started) / 1000
  return {
    perSecond: tickets.length / seconds,
    cpuMs: ((server.cpuSeconds() - cpu) * 1000) / tickets.length,
  }
}

/** People who never wrote before write once each. */
async function newCustomers(count: number): Promise<void> {
  let next = 0
  const one = async (): Promise<void> => {
    while (next < count) {
      const from = `55119${String(70_000_000 + next++)}`
      await server.call('POST', `/simulator/${server.sessionId}/inbound`, { from, text: 'Bom dia' })
    }
  }
  await Promise.all(Array.from({ length: MANY }, one))
}

async function newestWaiting(count: number): Promise<Item[]> {
  type Page = { items: Item[]; nextCursor: string | null }
  const found: Item[] = []
  let cursor = ''
  while (found.length < count) {
    const page: Page = await server.call('GET', `/tickets?limit=100&status=pending&sort=newest${cursor}`)
    found.push(...page.items)
    if (!page.nextCursor) break
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
  }
  if (found.length < count) throw new Error(`only ${found.length} tickets wait`)
  return found.slice(0, count)
}

/** Whether there is an answer: a young ticket has no fifth revision yet. */
async function known(path: string): Promise<boolean> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${server.token}` },
  })
  await answer.body?.cancel()
  return answer.ok
}

/** When the virtual phone got it, by its own clock, which is this machine's. */
async function arrival(body: string): Promise<number> {
  type Outbound = { items: { body: string; at: string }[]; nextCursor: string | null }
  const until = Date.now() + 30_000
  let after = ''
  while (Date.now() < until) {
    const page = await server.call<Outbound>(
      'GET',
      `/simulator/${server.sessionId}/outbound${after && `?after=${after}`}`,
    )
    const found = page.items.find(item => item.body === body)
    if (found) return Date.parse(found.at)
    if (page.nextCursor && page.items.length > 0) after = page.nextCursor
  }
  throw new Error('a reply did not reach the virtual phone')
}
