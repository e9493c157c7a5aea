import { MEDIA_BYTES_MAX } from '../../shared/media-limits.ts'
import { createKeptAnswers } from '../../projections/kept-answers.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Answer, AskOptions, Door, Refusal } from '../../commands/define.ts'
import { refused } from '../../commands/define.ts'
import type { Principal } from '../../events/principal.ts'
import { newId } from '../../shared/ids.ts'
import type { Clock } from '../../shared/clock.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { openFolderMedia } from '../../media/folder.ts'
import { unscanned, type ScanMedia } from '../../media/scan.ts'
import { createTakeIn } from '../../media/take-in.ts'
import { createUploadShelf } from '../../media/upload-shelf.ts'
import { openEmbeddedVault } from '../../vault/embedded.ts'
import { createHealth, notUsed, type HealthCheck } from '../../telemetry/health.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { createApp } from '../app.ts'
import { EVERYTHING } from '../../../test/support/capabilities.ts'
import { createAuth } from '../auth.ts'
import { createFileLinks } from '../file-links.ts'
import { createMediaLinks } from '../media-links.ts'
import type { HttpParts } from '../context.ts'
import { createServer } from '../serve.ts'
import { COMPANIES, idOf, POSITION, principalIn, rolesOf, rowsDouble } from './fixtures.ts'

export const PASSWORD = 'a good password'
export type Asked = {
  principal: Principal
  command: string
  input: Record<string, unknown>
  options: AskOptions
}

/** Stands where the command door stands: writes down what was asked, and refuses as the real one does. */
const recordingDoor = (asked: Asked[], answers: Map<string, Answer | Refusal | Error>): Door => ({
  ask: async (principal, command, input, options) => {
    const given = input as Record<string, unknown>
    asked.push({ principal, command, input: given, options })
    const prepared = answers.get(command)
    if (prepared instanceof Error) throw prepared
    if (prepared) return prepared
    if (principal.kind === 'user' && principal.role === 'auditor')
      return refused('forbidden', 'Your role may not do this.')
    const target = (given['id'] ?? given['ticketId']) as string | undefined
    const ours = COMPANIES.find(name => idOf(name) === principal.companyId)!
    const known = ['queue', 'session', 'contact', 'ticket', 'letter', ...Object.keys(rolesOf)].map(what =>
      idOf(`${ours} ${what}`),
    )
    if (target !== undefined && !known.includes(target))
      return refused('not-found', 'There is no such thing.')
    return { id: target ?? newId(), revision: 7, position: POSITION, duplicate: false }
  },
})

const fine: HealthCheck = () => Promise.resolve({ status: 'healthy', message: 'ok' })

/** A clock whose time tests may push on; timers are real. */
export const pushedClock = (): Clock & { push(ms: number): void } => {
  let ahead = 0
  return {
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    after: (ms, task) => systemClock.after(ms, task),
    push: ms => {
      ahead += ms
    },
  }
}

const rebuildAsked = {
  state: 'asked',
  reason: 'asked',
  factsDone: 0,
  factsTotal: null,
  factsPerSecond: null,
  etaSeconds: null,
  error: null,
  startedAt: '2026-01-02T03:04:05.000Z',
  updatedAt: '2026-01-02T03:04:05.000Z',
  endedAt: null,
} as const

/** The whole HTTP side on a real port, over doubles of what stands behind it. */
export const startApp = async (
  change: Partial<HttpParts['config']> = {},
  behind: Partial<Pick<HttpParts, 'inspection'>> & { readonly scan?: ScanMedia } = {},
) => {
  const clock = pushedClock()
  const folder = await mkdtemp(join(tmpdir(), 'fio-http-'))
  const vault = await openEmbeddedVault({ folder: join(folder, 'vault'), masterKey: Buffer.alloc(32, 7) })
  const media = await openFolderMedia({ folder: join(folder, 'media') })
  const readModels = rowsDouble()
  const uploads = createUploadShelf({
    drawer: {
      get: key => vault.get('uploads', key),
      update: (key, change) => vault.update('uploads', key, change),
      keys: prefix => vault.keys('uploads', prefix),
    },
    media,
    takeIn: createTakeIn({ media, scan: behind.scan ?? unscanned }),
    clock,
  })
  const asked: Asked[] = []
  const answers = new Map<string, Answer | Refusal | Error>()
  const checks = {
    eventstore: fine,
    database: fine,
    redis: notUsed('not used'),
    whatsapp: fine,
    filesystem: fine,
  }
  const state = { ready: { ready: true, reason: 'ready' }, checks }
  const lookups: HttpParts['lookups'] = {
    sharedFile: async (companyId, messageId) =>
      companyId === idOf('acme') && messageId === idOf('acme message') && readModels.mediaKey !== ''
        ? { key: readModels.mediaKey, mime: 'text/html', name: 'fôto "1".html' }
        : null,
    principal: async (companyId, userId) => {
      if (readModels.deactivated.has(userId)) return null
      for (const company of COMPANIES) {
        for (const person of Object.keys(rolesOf)) {
          const principal = principalIn(company, person)
          if (principal.companyId === companyId && principal.userId === userId) return principal
        }
      }
      return null
    },
  }
  const auth = createAuth({
    vault,
    lookups,
    freshness: readModels.freshness,
    companyName: async id => COMPANIES.find(name => idOf(name) === id) ?? null,
    secretKey: 'x'.repeat(48),
    clock,
  })
  const stored = await media.put(
    idOf('acme'),
    Readable.from([Buffer.from('first '), Buffer.from('second')]),
    {
      mime: 'image/png',
      limit: 100,
    },
  )
  readModels.mediaKey = stored.key
  const deliveries: { sessionId: string; raw: Buffer; headers: Readonly<Record<string, string>> }[] = []
  const known = (companyId: string, sessionId: string) =>
    COMPANIES.some(name => idOf(name) === companyId && idOf(`${name} session`) === sessionId)
  const unknown = refused('not-found', 'There is no such session.')
  const held = COMPANIES.map(name => ({
    companyId: idOf(name),
    actor: {
      type: 'ticket',
      id: idOf(`${name} ticket`),
      reason: `${name}: it cannot be read`,
      since: '2026-01-02T03:04:05.000Z',
      failures: 4,
    },
  }))
  const kept = createKeptAnswers(clock)
  const parts: HttpParts = {
    door: recordingDoor(asked, answers),
    readModels,
    lookups,
    auth,
    media,
    thumbnails: { of: async key => (key === stored.key ? Buffer.from('small') : null) },
    mediaLinks: createMediaLinks({ secretKey: 'x'.repeat(48), publicUrl: 'http://127.0.0.1:8080', clock }),
    fileLinks: createFileLinks({ secretKey: 'x'.repeat(48), publicUrl: 'http://127.0.0.1:8080', clock }),
    uploads,
    answers: kept,
    projections: {
      status: async () => ({
        position: null,
        generation: 1,
        lagSeconds: 0,
        behind: 0,
        projections: [],
        poisoned: [],
        rebuild: null,
      }),
      rebuild: async () => rebuildAsked,
    },
    mediaBytesMax: MEDIA_BYTES_MAX,
    capabilities: provider => (provider === 'simulator' ? EVERYTHING : null),
    codes: { current: () => [{ action: 'qr', qr: 'scan me', expiresAt: '2026-01-02T03:04:05.000Z' }] },
    inspection: {
      health: async () => ({ told: { quality: 'green' }, at: '2026-01-02T03:04:05.000Z' }),
      templates: async () => ({ told: [] }),
      ...behind.inspection,
    },
    webhooks: {
      verify: async (sessionId, query) =>
        sessionId !== idOf('acme session')
          ? { status: 404, body: '' }
          : query['hub.verify_token'] === 'right'
            ? { status: 200, body: query['hub.challenge'] ?? '' }
            : { status: 403, body: '' },
      deliver: async (sessionId, raw, headers) => {
        if (sessionId !== idOf('acme session')) return { status: 404 }
        if (headers['x-hub-signature-256'] !== 'right') return { status: 401 }
        deliveries.push({ sessionId, raw, headers })
        return { status: raw.toString() === 'late' ? 503 : 200 }
      },
    },
    simulator: {
      inbound: async (who, sessionId, message) =>
        known(who.companyId, sessionId)
          ? { messageId: idOf(message.text ?? ''), duplicate: message.id === 'twice' }
          : unknown,
      outbound: async (who, sessionId) =>
        known(who.companyId, sessionId) ? { items: [], nextCursor: null } : unknown,
      ack: async (who, sessionId) => (known(who.companyId, sessionId) ? null : unknown),
      connection: async (who, sessionId) => (known(who.companyId, sessionId) ? null : unknown),
    },
    quarantine: {
      list: companyId => held.filter(one => one.companyId === companyId).map(({ actor }) => actor),
      retry: async (companyId, type, id) => {
        const found = held.find(
          ({ companyId: of, actor }) => of === companyId && actor.type === type && actor.id === id,
        )
        return found ? { recovered: false, reason: found.actor.reason } : null
      },
    },
    audit: {
      report: async () => ({ root: null, publicKey: 'key', running: null, failed: null, last: null }),
      start: () => true,
    },
    health: createHealth({
      checks: Object.fromEntries(
        Object.keys(checks).map(name => [name, () => state.checks[name as keyof typeof checks]()]),
      ) as typeof checks,
      readiness: () => state.ready,
      clock,
    }),
    metrics: createMetrics(),
    config: {
      publicUrl: 'http://127.0.0.1:8080',
      trustProxy: 0,
      metricsToken: null,
      rateLimitPerSecond: 0,
      uiDir: '/nowhere',
      version: '0.0.0-test',
      ...change,
    },
    log: silentLog,
    clock,
  }
  for (const person of Object.keys(rolesOf)) {
    const companies = person === 'ana' ? COMPANIES : (['acme'] as const)
    const entries = companies.map(name => ({ companyId: idOf(name), userId: idOf(`${name} ${person}`) }))
    await vault.write([{ put: ['emails', `${person}@example.com`, JSON.stringify(entries)] }])
    for (const { companyId, userId } of entries) await auth.setPassword(companyId, userId, PASSWORD)
  }
  const app = createApp(parts)
  const server = createServer(app, clock)
  const { port } = await server.listen('127.0.0.1', 0)
  const base = `http://127.0.0.1:${port}`

  const call = (
    path: string,
    init: RequestInit & { token?: string; json?: unknown } = {},
  ): Promise<Response> => {
    const { token, json, ...rest } = init
    const headers = new Headers(rest.headers)
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`)
    if (json !== undefined) headers.set('Content-Type', 'application/json')
    const url = path.startsWith('/') ? base + path : path
    return fetch(url, { ...rest, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) })
  }
  const login = async (person: string, company: (typeof COMPANIES)[number] = 'acme') => {
    const done = await auth.login({
      email: `${person}@example.com`,
      password: PASSWORD,
      companyId: idOf(company),
    })
    return done.accessToken
  }
  const close = async (): Promise<void> => {
    await server.close(500)
    await vault.close()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    base,
    call,
    login,
    asked,
    answers,
    readModels,
    kept,
    auth,
    vault,
    clock,
    state,
    deliveries,
    app,
    parts,
    uploads,
    close,
  }
}
export type Started = Awaited<ReturnType<typeof startApp>>
