import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { armedBy } from './shared/fail-point.ts'
import { PROCESS_ROLES, SECRET_KEY_LENGTH_MIN, settings } from './config-settings.ts'

/** The variables as a table for people, in order. */
export const configTable: readonly { name: string; default: string; about: string }[] = Object.entries(
  settings,
).map(([name, { shown, about }]) => ({ name, default: shown, about }))

const schema = z.object(
  Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, one.schema])) as {
    [N in keyof typeof settings]: (typeof settings)[N]['schema']
  },
)
type Values = z.output<typeof schema>

/** Everything that is wrong, at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const root = resolve(fileURLToPath(import.meta.url), '../..')
const version = (): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

type Given = Readonly<Record<string, string | undefined>>
const missingOf = (given: Given, names: readonly string[]) => names.filter(name => given[name] === undefined)

/** What several processes share must not live inside one of them. */
const clusterProblems = (given: Given): string[] => {
  const cluster = ['1', 'true'].includes(given['CLUSTER'] ?? '0')
  if (!cluster && (given['ROLE'] ?? 'all') === 'all') return []
  const missing = missingOf(given, ['EVENTSTORE_URL', 'DATABASE_URL', 'REDIS_URL', 'MEDIA_URL'])
  if (missing.length === 0) return []
  const why = cluster ? 'CLUSTER=1' : 'a ROLE other than all'
  return [
    `${why} means more than one process, which also needs ${missing.join(', ')} (shared by all of them)`,
  ]
}

const secretProblems = (given: Given): string[] => {
  const outside = ['EVENTSTORE_URL', 'DATABASE_URL'].filter(name => given[name] !== undefined)
  if (outside.length === 0 || given['SECRET_KEY'] !== undefined) return []
  return [
    `SECRET_KEY is required with ${outside.join(' and ')}: what it encrypts must outlive this machine's DATA_DIR`,
  ]
}

/** Talking to anything but WhatsApp as if it were WhatsApp is for tests. */
const whatsAppProblems = (given: Given): string[] => {
  const local = ['WHATSAPP_URL', 'WHATSAPP_ROOT_KEY'].filter(name => given[name] !== undefined)
  if (local.length === 0) return []
  if ((given['NODE_ENV'] ?? 'production') === 'production')
    return [`${local.join(' and ')} cannot be set with NODE_ENV=production`]
  return local.length === 1 ? ['WHATSAPP_URL and WHATSAPP_ROOT_KEY go together'] : []
}

/** A process that is to die on purpose is a test's, and says so. */
const failPointProblems = (given: Given): string[] => {
  const armed = armedBy(given)
  return typeof armed === 'string' ? [armed] : []
}

/** Load balancers that ask every second or two have noticed by then. */
const CLUSTER_SHUTDOWN_DELAY_MS = 5_000

const CLAMD_PORT = 3310
const clamdOf = (address: string) => {
  const { hostname, port } = new URL(address)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || CLAMD_PORT) }
}

const configOf = (v: Values, secretKey: string) => {
  const dataDir = resolve(v.DATA_DIR)
  const shownHost = v.HOST === '0.0.0.0' || v.HOST === '::' ? 'localhost' : v.HOST
  return Object.freeze({
    host: v.HOST,
    port: v.PORT,
    dataDir,
    publicUrl: (
      v.PUBLIC_URL ?? `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${v.PORT}`
    ).replace(/\/+$/, ''),
    roles: v.ROLE,
    cluster: v.CLUSTER || v.ROLE.size < PROCESS_ROLES.length,
    shutdownDelayMs: v.SHUTDOWN_DELAY_MS ?? (v.CLUSTER && v.ROLE.has('api') ? CLUSTER_SHUTDOWN_DELAY_MS : 0),
    nodeName: v.NODE_NAME ?? `${hostname()}-${process.pid}`,
    eventStoreUrl: v.EVENTSTORE_URL ?? null,
    databaseUrl: v.DATABASE_URL ?? null,
    redisUrl: v.REDIS_URL ?? null,
    media: v.MEDIA_URL ?? { kind: 'folder' as const, folder: join(dataDir, 'media') },
    clamd: v.CLAMD_URL === undefined ? null : { ...clamdOf(v.CLAMD_URL), failOpen: v.CLAMD_FAIL_OPEN },
    graphUrl: v.GRAPH_URL.replace(/\/+$/, ''),
    graphVersion: v.GRAPH_VERSION,
    simulatorUrl: v.SIMULATOR_URL ?? null,
    localWhatsApp:
      v.WHATSAPP_URL !== undefined && v.WHATSAPP_ROOT_KEY !== undefined
        ? { url: v.WHATSAPP_URL, rootKey: Buffer.from(v.WHATSAPP_ROOT_KEY, 'base64') }
        : null,
    secretKey,
    logLevel: v.LOG_LEVEL,
    adminEmail: v.ADMIN_EMAIL,
    adminPassword: v.ADMIN_PASSWORD ?? null,
    trustProxy: v.TRUST_PROXY,
    rateLimitPerSecond: v.RATE_LIMIT_PER_SECOND,
    mediaBytesMax: v.MEDIA_MAX_MIB * 1024 * 1024,
    actorBytesMax: v.ACTORS_MEMORY_MIB * 1024 * 1024,
    metricsToken: v.METRICS_TOKEN ?? null,
    otlpEndpoint: v.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    uiDir: resolve(v.UI_DIR ?? join(root, 'dist/ui')),
    environment: v.NODE_ENV,
    version: version(),
  })
}
export type Config = ReturnType<typeof configOf>

/** The configuration from the environment. An empty variable counts as unset. @throws ConfigError */
export const loadConfig = (env: Given = process.env): Config => {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = schema.safeParse(given)
  const wrong = parsed.error?.issues.map(issue => `${issue.path.join('.')} ${issue.message}`) ?? []
  const problems = [
    ...wrong,
    ...clusterProblems(given),
    ...secretProblems(given),
    ...failPointProblems(given),
    ...whatsAppProblems(given),
  ]
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return configOf(parsed.data, parsed.data.SECRET_KEY ?? keptSecretKey(resolve(parsed.data.DATA_DIR)))
}

/**
 * The key kept in the data folder; made at the first start. It is written beside and then linked, so that of two starts
 * at once one wins and the other never reads half a key.
 */
const keptSecretKey = (dataDir: string): string => {
  const file = join(dataDir, 'secret-key')
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
    writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flush: true })
    linkUnlessThere(draft, file)
  } catch (error) {
    throw new ConfigError([`DATA_DIR cannot be written to: ${(error as Error).message}`])
  }
  return readKey(file)
}

const linkUnlessThere = (draft: string, file: string): void => {
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}

const readKey = (file: string): string => {
  const key = readFileSync(file, 'utf8').trim()
  if (key.length < SECRET_KEY_LENGTH_MIN)
    throw new ConfigError([`${file} is damaged: restore it from a backup, do not remove it`])
  chmodSync(file, 0o600)
  return key
}
