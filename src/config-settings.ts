import { MEDIA_MIB_MAX_MOST } from './shared/media-limits.ts'
import { z } from 'zod'
import { mediaAddressOf, type MediaAddress } from './media/address.ts'

/**
 * Every variable the server reads: how it is checked, its default as people read it, and what it is for. The README's
 * table is made of this.
 */
export const PROCESS_ROLES = ['api', 'sessions', 'projections', 'jobs'] as const
export type ProcessRole = (typeof PROCESS_ROLES)[number]

export const SECRET_KEY_LENGTH_MIN = 32
const DEFAULT_GRAPH_VERSION = 'v23.0'
const DEFAULT_GRAPH_URL = 'https://graph.facebook.com'

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      text => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address that starts with ${protocols.map(protocol => `${protocol}//`).join(' or ')}`,
    )
/** Connection strings that may name several hosts, which `URL` does not read. */
const address = (...schemes: string[]) =>
  z
    .string()
    .refine(
      text => schemes.some(scheme => text.startsWith(`${scheme}://`) && text.length > scheme.length + 3),
      `must be an address that starts with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`,
    )
const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 1 or 0')
  .transform(text => text === '1' || text === 'true')
const whole = (min: number, max: number) =>
  z
    .string()
    .refine(text => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      message: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)

const roles = z.string().transform((text, ctx): ReadonlySet<ProcessRole> => {
  const asked = text === 'all' ? [...PROCESS_ROLES] : text.split(',').map(part => part.trim())
  const unknown = asked.filter(part => !PROCESS_ROLES.includes(part as ProcessRole))
  if (unknown.length > 0)
    ctx.addIssue(`must be "all" or some of ${PROCESS_ROLES.join(', ')}, with commas between`)
  return new Set(asked as ProcessRole[])
})

const media = z.string().transform((text, ctx): MediaAddress => {
  const address = mediaAddressOf(text)
  if (!('wrong' in address)) return address
  for (const problem of address.wrong) ctx.addIssue(problem)
  return z.NEVER
})

type Setting = { readonly schema: z.ZodType; readonly shown: string; readonly about: string }
const setting = <S extends z.ZodType>(schema: S, shown: string, about: string) => ({ schema, shown, about })

export const settings = {
  HOST: setting(z.string().default('127.0.0.1'), '127.0.0.1', 'Address to listen on'),
  PORT: setting(whole(0, 65_535).default(8080), '8080', 'Port to listen on; 0 picks a free one'),
  DATA_DIR: setting(z.string().default('./data'), './data', 'Folder of everything that is embedded'),
  PUBLIC_URL: setting(
    url('http:', 'https:').optional(),
    'http://HOST:PORT',
    'Address under which browsers reach the server; https makes cookies Secure',
  ),
  ROLE: setting(
    roles.prefault('all'),
    'all',
    'What this process does: all, or some of api, sessions, projections, jobs',
  ),
  CLUSTER: setting(
    flag.prefault('0'),
    '0',
    '1: more than one process shares the work; every outside service is needed then',
  ),
  SHUTDOWN_DELAY_MS: setting(
    whole(0, 60_000).optional(),
    '0; 5000 with CLUSTER=1',
    'How long a server that was told to stop still serves while /health/ready says no, so that load balancers notice',
  ),
  NODE_NAME: setting(
    z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes')
      .optional(),
    'host name and process id',
    'Name of this process in its log lines',
  ),
  EVENTSTORE_URL: setting(
    address('esdb', 'esdb+discover', 'kurrentdb', 'kurrentdb+discover').optional(),
    'embedded',
    'EventStoreDB connection string',
  ),
  DATABASE_URL: setting(
    address('postgres', 'postgresql').optional(),
    'embedded',
    'PostgreSQL, for read models and vault',
  ),
  REDIS_URL: setting(
    address('redis', 'rediss').optional(),
    'in process',
    'Redis, for jobs, leases and sockets over several processes',
  ),
  MEDIA_URL: setting(
    media.optional(),
    'DATA_DIR/media',
    'Where media files are: a folder as file:///path, or a bucket as s3://KEY:SECRET@host/bucket?region=…; shared by all processes of a cluster',
  ),
  CLAMD_URL: setting(
    url('tcp:')
      .refine(
        text => !URL.canParse(text) || new URL(text).hostname !== '',
        'must name a host, as tcp://clamav:3310',
      )
      .optional(),
    'files are not scanned',
    'clamd (ClamAV) that looks at every file before it is kept, as tcp://host:3310',
  ),
  CLAMD_FAIL_OPEN: setting(
    flag.prefault('0'),
    '0',
    '1: while clamd cannot be asked, files are kept unscanned; 0: none is kept',
  ),
  GRAPH_URL: setting(
    url('http:', 'https:').default(DEFAULT_GRAPH_URL),
    DEFAULT_GRAPH_URL,
    "Base address of Meta's Graph API",
  ),
  GRAPH_VERSION: setting(
    z
      .string()
      .regex(/^v\d+\.\d+$/, 'must be a version of Graph, such as v23.0')
      .default(DEFAULT_GRAPH_VERSION),
    DEFAULT_GRAPH_VERSION,
    "Version of Meta's Graph API",
  ),

  SIMULATOR_URL: setting(
    url('ws:', 'wss:', 'http:', 'https:').optional(),
    'in process',
    'Address of a simulator that runs elsewhere',
  ),
  WHATSAPP_URL: setting(
    url('ws:')
      .refine(
        text => URL.canParse(text) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(text).hostname),
        'must be on this machine',
      )
      .optional(),
    'WhatsApp',
    'Address of a local WhatsApp for tests and demonstrations; refused in production',
  ),
  WHATSAPP_ROOT_KEY: setting(
    z
      .base64()
      .refine(text => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64')
      .optional(),
    "WhatsApp's own",
    'Public key by which the local WhatsApp is known',
  ),
  SECRET_KEY: setting(
    z
      .string()
      .min(SECRET_KEY_LENGTH_MIN, `must have at least ${SECRET_KEY_LENGTH_MIN} characters`)
      .optional(),
    'made and kept in DATA_DIR/secret-key',
    'Master key for what is encrypted or signed; required with outside databases',
  ),
  LOG_LEVEL: setting(
    z
      .enum(
        ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        'must be trace, debug, info, warn, error, fatal or silent',
      )
      .default('info'),
    'info',
    'How much is logged',
  ),
  ADMIN_EMAIL: setting(
    z.email('must be an e-mail address').default('admin@example.com'),
    'admin@example.com',
    'E-mail of the first user, at the first start',
  ),
  ADMIN_PASSWORD: setting(
    z
      .string()
      .min(10, 'must have at least 10 characters')
      .max(256, 'must have at most 256 characters')
      .optional(),
    'made and printed once',
    'Password of the first user, at the first start',
  ),
  TRUST_PROXY: setting(whole(0, 10).default(0), '0', 'How many proxies in front add X-Forwarded-For'),
  RATE_LIMIT_PER_SECOND: setting(
    whole(0, 1_000_000).default(3_000),
    '3000',
    'API requests a second that one company may make, twice that in a burst; 0: no limit',
  ),
  MEDIA_MAX_MIB: setting(
    whole(1, MEDIA_MIB_MAX_MOST).default(100),
    '100',
    'Size of one file that is taken in or sent, in MiB, at most; a company may choose less, and channels have limits of their own',
  ),
  ACTORS_MEMORY_MIB: setting(
    whole(8, 65_536).default(128),
    '128',
    'Memory for actors that are awake, in MiB, about; the least recently used sleep when it is full',
  ),
  METRICS_TOKEN: setting(
    z.string().min(16, 'must have at least 16 characters').optional(),
    'open',
    'Bearer token that /metrics asks for',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    url('http:', 'https:').optional(),
    'no traces',
    'Where traces are sent, as OTLP over HTTP',
  ),
  UI_DIR: setting(z.string().optional(), 'dist/ui', 'Folder of the built UI'),
  NODE_ENV: setting(z.string().default('production'), 'production', 'Environment as log lines name it'),
} as const satisfies Record<string, Setting>
