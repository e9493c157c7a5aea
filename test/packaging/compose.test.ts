import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { NODE_FLAGS } from '../../scripts/lib/node-flags.mjs'
import { configTable, loadConfig } from '../../src/config.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const read = (name: string) => readFileSync(resolve(ROOT, name), 'utf8')

const serviceSchema = z.object({
  image: z.string(),
  init: z.boolean().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
})
const compose = z
  .object({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(read('docker-compose.yml')))
const { app, ...outside } = compose.services
if (!app) throw new Error('docker-compose.yml has no service named app')

/** `${NAME…}` with what follows the name: `:?…` (required), `:-…` (default) or nothing. */
const PLACEHOLDER = /\$\{(\w+)([^}]*)\}/g
const placeholders = [...read('docker-compose.yml').matchAll(PLACEHOLDER)].map(
  ([, name = '', rest = '']) => ({ name, rest }),
)
const isSecret = (name: string) => /SECRET|PASSWORD|TOKEN|_KEY$|^KEY/.test(name)

const example = Object.fromEntries(
  read('.env.example')
    .split('\n')
    .filter(line => /^\w+=/.test(line))
    .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
)

const FILLED_IN: { readonly [name: string]: string } = {
  PUBLIC_URL: 'https://desk.example.com',
  SECRET_KEY: 'k'.repeat(64),
  POSTGRES_PASSWORD: 'postgres1',
  REDIS_PASSWORD: 'redis1',
  ADMIN_EMAIL: 'ana@example.com',
  ADMIN_PASSWORD: 'correct horse battery',
  METRICS_TOKEN: 'm'.repeat(32),
}
const filledIn = (text: string) =>
  text.replaceAll(PLACEHOLDER, (_, name: string, rest: string) => FILLED_IN[name] ?? rest.replace(/^:-/, ''))

const dockerfile = read('Dockerfile')
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
const imageEnv = Object.fromEntries(
  [...(/^ENV (.+)$/m.exec(finalStage)?.[1] ?? '').matchAll(/(\w+)=(\S+)/g)].map(
    ([, name = '', value = '']) => [name, value],
  ),
)

describe('docker-compose.yml', () => {
  test('sets only variables that the server knows', () => {
    const known = configTable.map(({ name }) => name)
    expect(Object.keys(app.environment).filter(name => !known.includes(name))).toEqual([])
  })

  test('gives the server a configuration that it accepts', () => {
    const env = Object.fromEntries(
      Object.entries(app.environment).map(([name, value]) => [name, filledIn(value)]),
    )
    const config = loadConfig(env)
    expect(config.databaseUrl).toBe('postgres://fio:postgres1@postgres:5432/fio')
    expect(config.redisUrl).toBe('redis://:redis1@redis:6379')
    expect(config.eventStoreUrl).toContain('eventstore:2113')
    expect(config.media).toEqual({ kind: 'folder', folder: '/data/media' })
  })

  test('has no default for any secret, here or in .env.example', () => {
    const secrets = placeholders.filter(({ name }) => isSecret(name))
    expect(secrets.length).toBeGreaterThan(0)
    expect(secrets.filter(({ rest }) => !/^:\?./.test(rest))).toEqual([])
    expect(Object.entries(example).filter(([name, value]) => isSecret(name) && value !== '')).toEqual([])
    for (const { environment } of Object.values(compose.services)) {
      const spelledOut = Object.entries(environment).filter(
        ([name, value]) => isSecret(name) && !value.startsWith('${'),
      )
      expect(spelledOut).toEqual([])
    }
  })

  test('asks for exactly what .env.example lists', () => {
    expect([...new Set(placeholders.map(({ name }) => name))].sort()).toEqual(Object.keys(example).sort())
  })

  test('starts the app when every outside service is healthy, and names each by its address', () => {
    expect(Object.keys(app.depends_on).sort()).toEqual(Object.keys(outside).sort())
    for (const { condition } of Object.values(app.depends_on)) expect(condition).toBe('service_healthy')
    const hosts = ['EVENTSTORE_URL', 'DATABASE_URL', 'REDIS_URL'].map(
      name => new URL(filledIn(app.environment[name] ?? '')).hostname,
    )
    expect(hosts.sort()).toEqual(Object.keys(outside).sort())
  })

  test('pins every image, publishes only the app and declares every volume', () => {
    for (const { image, ports, volumes } of Object.values(outside)) {
      expect(image).toMatch(/^[\w./-]+:\d/)
      expect(ports).toEqual([])
      expect(
        volumes
          .map(volume => volume.split(':')[0])
          .every(name => name !== undefined && name in compose.volumes),
      ).toBe(true)
    }
  })

  test('keeps jobs from being evicted or forgotten by Redis', () => {
    const command = (outside['redis']?.command ?? []).join(' ')
    expect(command).toContain('--maxmemory-policy noeviction')
    expect(command).toContain('--appendonly yes')
  })
})

describe('Dockerfile', () => {
  test('agrees with compose on port and data folder', () => {
    expect(/^EXPOSE (\d+)$/m.exec(finalStage)?.[1]).toBe(imageEnv['PORT'])
    expect(app.environment['PORT']).toBe(imageEnv['PORT'])
    expect(app.ports.map(port => port.split(':').at(-1))).toEqual([imageEnv['PORT']])
    expect(/^VOLUME (\S+)$/m.exec(finalStage)?.[1]).toBe(imageEnv['DATA_DIR'])
    expect(app.environment['DATA_DIR']).toBe(imageEnv['DATA_DIR'])
    expect(app.volumes).toEqual([`app:${imageEnv['DATA_DIR']}`])
  })

  test('runs as nobody special, on the Node LTS, with an init beside it', () => {
    expect(finalStage).toMatch(/^FROM node:24-slim$/m)
    expect(/^USER (\S+)$/m.exec(finalStage)?.[1]).toBe('node')
    expect(app.init).toBe(true)
    expect(dockerfile).toContain('npm ci --omit=dev')
  })

  test('copies only what is there and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1))
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    )
    expect(copied.length).toBeGreaterThan(0)
    for (const source of copied) {
      expect(existsSync(resolve(ROOT, source)), source).toBe(true)
      expect(allowed).toContain(source)
    }
  })

  test('and compose ask for health where the server answers', () => {
    const asked = [finalStage, app.healthcheck.test.join(' ')].map(text => /\/health\/\w+/.exec(text)?.[0])
    expect(asked).toEqual(['/health/ready', '/health/ready'])
  })
})

test('the image starts Node as npm start does', () => {
  const [, command = '[]'] = /^CMD (.*)$/m.exec(read('Dockerfile')) ?? []
  expect(JSON.parse(command)).toEqual(['node', ...NODE_FLAGS, 'dist/main.js'])
})
