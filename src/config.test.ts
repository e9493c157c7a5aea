import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ConfigError, configTable, loadConfig } from './config.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fio-config-'))
  return () => rm(dir, { recursive: true })
})

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig({ DATA_DIR: dir, ...env })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('nothing set means everything embedded, for this machine only', () => {
  const config = loadConfig({ DATA_DIR: dir, DATABASE_URL: '' })
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    publicUrl: 'http://127.0.0.1:8080',
    dataDir: dir,
    media: { kind: 'folder', folder: join(dir, 'media') },
    eventStoreUrl: null,
    databaseUrl: null,
    redisUrl: null,
    cluster: false,
    // Without a version: the channel adds the one that it speaks.
    clamd: null,
    graphUrl: 'https://graph.facebook.com',
    logLevel: 'info',
    adminPassword: null,
  })
  expect([...config.roles]).toEqual(['api', 'sessions', 'projections', 'jobs'])
  expect(Object.isFrozen(config)).toBe(true)
})

test('the secret key is made once, kept, and readable by its owner only', () => {
  const first = loadConfig({ DATA_DIR: join(dir, 'new') }).secretKey
  expect(first.length).toBeGreaterThanOrEqual(32)
  expect(loadConfig({ DATA_DIR: join(dir, 'new') }).secretKey).toBe(first)
  expect(statSync(join(dir, 'new/secret-key')).mode & 0o777).toBe(0o600)
  expect(loadConfig({ DATA_DIR: dir }).secretKey).not.toBe(first)
})

test('a damaged secret key is never replaced', async () => {
  await writeFile(join(dir, 'secret-key'), 'short')
  expect(problemsOf({})).toEqual([expect.stringMatching(/secret-key is damaged/)])
  expect(readFileSync(join(dir, 'secret-key'), 'utf8')).toBe('short')
})

test('every wrong value is reported at once, by name', () => {
  const problems = problemsOf({
    PORT: 'eighty',
    PUBLIC_URL: 'fio.example.com',
    ROLE: 'api,everything',
    EVENTSTORE_URL: 'http://store',
    DATABASE_URL: 'mysql://db',
    REDIS_URL: 'localhost:6379',
    MEDIA_URL: 's3://bucket',
    LOG_LEVEL: 'loud',
    ADMIN_EMAIL: 'nobody',
    ADMIN_PASSWORD: 'short',
    TRUST_PROXY: 'yes',
    SECRET_KEY: 'short',
  })
  const names = [
    'PORT',
    'PUBLIC_URL',
    'ROLE',
    'EVENTSTORE_URL',
    'DATABASE_URL',
    'REDIS_URL',
    'MEDIA_URL',
    'LOG_LEVEL',
    'ADMIN_EMAIL',
    'ADMIN_PASSWORD',
    'TRUST_PROXY',
    'SECRET_KEY',
  ]
  for (const name of names)
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${name} must`)))
  expect(problems.join('\n')).not.toMatch(/short|mysql/)
})

test('media lie in a folder, or in a bucket', () => {
  const media = (MEDIA_URL: string) => loadConfig({ DATA_DIR: dir, MEDIA_URL }).media
  expect(loadConfig({ DATA_DIR: dir }).media).toEqual({ kind: 'folder', folder: join(dir, 'media') })
  expect(media('file:///srv/media')).toEqual({ kind: 'folder', folder: '/srv/media' })
  const bucket = {
    kind: 's3',
    endpoint: 'https://s3.example.com',
    bucket: 'fio-media',
    region: 'us-east-1',
    prefix: '',
    accessKeyId: 'KEY',
    secretAccessKey: 'a/b+c%',
  }
  expect(media('s3://KEY:a%2Fb%2Bc%25@s3.example.com/fio-media')).toEqual(bucket)
  expect(
    media('s3://KEY:a%2Fb+c%25@minio:9000/fio-media?region=eu-west-1&tls=false&prefix=desk/media'),
  ).toEqual({ ...bucket, endpoint: 'http://minio:9000', region: 'eu-west-1', prefix: 'desk/media/' })
})

test.each([
  ['s3://bucket', 'a key and its secret'],
  ['s3://KEY@host/bucket', 'a key and its secret'],
  ['s3://KEY:hid%den@host/bucket', 'a key and its secret'],
  ['s3://KEY:hid/den@host/bucket', 'write / as %2F'],
  ['s3://KEY:hidden@host', 'one bucket after the host'],
  ['s3://KEY:hidden@host/bucket/folder', 'one bucket after the host'],
  ['s3://KEY:hidden@host/Bucket', 'one bucket after the host'],
  ['s3://KEY:hidden@host/bucket?region=Europe', 'a region such as'],
  ['s3://KEY:hidden@host/bucket?tls=yes', 'tls=true or tls=false'],
  ['s3://KEY:hidden@host/bucket?prefix=../x', 'a prefix of letters'],
  ['s3://KEY:hidden@host/bucket?acl=public', 'nothing after ? but region, tls, prefix'],
  ['s3://KEY:hidden@host/bucket#x', 'nothing after ? but region, tls, prefix'],
  ['https://KEY:hidden@host/bucket', 'a folder such as file:///srv/media, or a bucket'],
  ['file://elsewhere/srv/media', 'a folder of this machine'],
])('a wrong MEDIA_URL is told in plain words that repeat nothing of it: %s', (MEDIA_URL, words) => {
  const problems = problemsOf({ MEDIA_URL }).join('\n')
  expect(problems).toMatch(/^MEDIA_URL must /)
  expect(problems).toContain(words)
  expect(problems).not.toMatch(/hid|den/)
})

test('outside databases need a secret key that is given', () => {
  const env = { DATABASE_URL: 'postgres://db/fio', EVENTSTORE_URL: 'esdb://a:2113,b:2113?tls=false' }
  expect(problemsOf(env)).toEqual([
    expect.stringMatching(/^SECRET_KEY is required with EVENTSTORE_URL and DATABASE_URL/),
  ])
  expect(existsSync(join(dir, 'secret-key'))).toBe(false)
  expect(loadConfig({ ...env, DATA_DIR: dir, SECRET_KEY: 'k'.repeat(32) }).secretKey).toBe('k'.repeat(32))
})

test.each([{ CLUSTER: '1' }, { ROLE: 'api' }])('several processes (%o) need everything outside', env => {
  expect(problemsOf({ ...env, REDIS_URL: 'redis://r' } as Record<string, string>)).toEqual([
    expect.stringMatching(/more than one process, which also needs EVENTSTORE_URL, DATABASE_URL, MEDIA_URL/),
  ])
  const all = {
    EVENTSTORE_URL: 'esdb://e:2113',
    DATABASE_URL: 'postgres://d/fio',
    REDIS_URL: 'redis://r',
    MEDIA_URL: 'file:///srv/media',
    SECRET_KEY: 'k'.repeat(32),
  }
  const bucket = { ...all, MEDIA_URL: 's3://KEY:SECRET@host/bucket' }
  expect(loadConfig({ DATA_DIR: dir, ...env, ...bucket }).media.kind).toBe('s3')
  expect(loadConfig({ DATA_DIR: dir, ...env, ...all })).toMatchObject({
    cluster: true,
    media: { kind: 'folder', folder: '/srv/media' },
  })
})

test('the largest file is a number of MiB that there is', () => {
  expect(loadConfig({ DATA_DIR: dir }).mediaBytesMax).toBe(100 * 1024 * 1024)
  expect(loadConfig({ DATA_DIR: dir, MEDIA_MAX_MIB: '16' }).mediaBytesMax).toBe(16 * 1024 * 1024)
  for (const MEDIA_MAX_MIB of ['0', '1.5', '2001', 'many'])
    expect(() => loadConfig({ DATA_DIR: dir, MEDIA_MAX_MIB })).toThrow(/MEDIA_MAX_MIB/)
})

test('the table names every variable once, and the README shows it', () => {
  const names = configTable.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(
    expect.arrayContaining(['HOST', 'PORT', 'DATA_DIR', 'SECRET_KEY', 'OTEL_EXPORTER_OTLP_ENDPOINT']),
  )
  const readme = join(import.meta.dirname, '../README.md')
  if (!existsSync(readme)) return
  const text = readFileSync(readme, 'utf8')
  expect(names.filter(name => !text.includes(`\`${name}\``))).toEqual([])
})
