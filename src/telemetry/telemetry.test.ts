import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { createHealth, notUsed, type HealthCheck } from './health.ts'
import { createMetrics } from './metrics.ts'
import { startTracing } from './otlp.ts'
import { inSpan, noteOnSpan } from './tracing.ts'

type Sent = {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes: { key: string }[]
  status: { code: number }
}

describe('tracing', () => {
  let received: Sent[]
  let url: string
  let status: number
  beforeEach(async () => {
    received = []
    status = 200
    const server = createServer((request, answer) => {
      let body = ''
      request.on('data', chunk => (body += String(chunk)))
      request.on('end', () => {
        const sent = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] }
        if (request.url === '/v1/traces') received.push(...sent.resourceSpans[0]!.scopeSpans[0]!.spans)
        answer.writeHead(status).end()
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(resolve))
    }
  })

  test('spans reach the collector with their parents, over awaits', async () => {
    const tracing = startTracing({ endpoint: `${url}/`, resource: { 'service.name': 'fio' }, log: silentLog })
    await Promise.all(
      ['a', 'b'].map(name =>
        inSpan(`outer ${name}`, {}, async () => {
          await Promise.resolve()
          await inSpan(`inner ${name}`, { 'fio.company': name }, async () => noteOnSpan({ noted: 1 }))
        }),
      ),
    )
    await expect(inSpan('fails', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await tracing.stop()
    const named = (name: string) => received.find(span => span.name === name)!
    expect(received).toHaveLength(5)
    for (const name of ['a', 'b']) {
      const [outer, inner] = [named(`outer ${name}`), named(`inner ${name}`)]
      expect(inner).toMatchObject({ traceId: outer.traceId, parentSpanId: outer.spanId })
      expect(outer.parentSpanId).toBeUndefined()
      expect(inner.attributes.map(({ key }) => key)).toEqual(['fio.company', 'noted'])
    }
    expect(named('outer a').traceId).not.toBe(named('outer b').traceId)
    expect(named('fails').status.code).toBe(2)
  })

  test('a collector that refuses costs nothing but its spans', async () => {
    status = 500
    const tracing = startTracing({ endpoint: url, resource: {}, log: silentLog })
    await inSpan('lost', {}, () => Promise.resolve())
    await tracing.flush()
    status = 200
    await inSpan('kept', {}, () => Promise.resolve())
    await tracing.stop()
    expect(received.map(({ name }) => name)).toEqual(['lost', 'kept'])
  })

  test('without a collector work is done all the same', async () => {
    expect(await inSpan('nobody looks', {}, () => Promise.resolve(7))).toBe(7)
    expect(received).toEqual([])
  })
})

describe('health', () => {
  const fine: HealthCheck = () => Promise.resolve({ status: 'healthy', message: 'ok' })
  const all = {
    eventstore: fine,
    database: fine,
    redis: notUsed('not used'),
    whatsapp: fine,
    filesystem: fine,
  }
  const readiness = () => ({ ready: true, reason: '' })

  test('a check that never answers is unhealthy after its time', async () => {
    const due: (() => void)[] = []
    const clock = { ...systemClock, after: (_: number, task: () => void) => (due.push(task), () => {}) }
    const stuck: HealthCheck = () => new Promise(() => {})
    const report = createHealth({ checks: { ...all, database: stuck }, readiness, clock }).report()
    for (const task of due) task()
    expect(await report).toMatchObject({
      status: 'unhealthy',
      services: {
        database: { status: 'unhealthy', message: 'no answer within 2000 ms' },
        redis: { status: 'healthy' },
      },
    })
  })

  test('however many ask, services are looked at once', async () => {
    let looked = 0
    const counted: HealthCheck = () => fine().finally(() => (looked += 1))
    const health = createHealth({
      checks: { ...all, eventstore: counted },
      readiness,
      clock: { ...systemClock, monotonic: () => 5 },
    })
    await Promise.all([health.report(), health.report(), health.report()])
    await health.report()
    expect(looked).toBe(1)
  })
})

describe('metrics', () => {
  test('gauges may be asked for when somebody looks, in a registry of their own', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.beforeScrape(() => Promise.resolve(one.socketClients.set(42)))
    one.messages.inc({ type: 'inbound', company_id: 'c', status: 'received' })
    expect(await one.text()).toMatch(/^fio_socket_clients 42$/m)
    expect(await one.text()).toMatch(
      /whatsapp_messages_total\{type="inbound",company_id="c",status="received"\} 1/,
    )
    expect(await other.text()).toMatch(/^fio_socket_clients 0$/m)
  })
})
