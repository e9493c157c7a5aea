import { setTimeout as pause } from 'node:timers/promises'
import { startWhatsAppProcess, type WhatsAppProcess } from '../test/doubles/whatsapp-process.ts'
import { chosenColumns, openGround } from './support/ground.ts'
import { quantile, report, type Figure } from './support/results.ts'
import { cpuSecondsOf, metric, startBenchServer, type BenchServer } from './support/server.ts'
import { agentSocket } from './support/sockets.ts'

/**
 * Many linked devices in one server: 20 sessions against the local WhatsApp in a process of its own, 50 messages a second
 * in all for a minute, each sealed by the customer's phone and opened by Baileys, from different customers. Then an
 * agent's answers, unpaced, until they are handed to WhatsApp. `BENCH_SECONDS` (60), `BENCH_SESSIONS` (20).
 */
const SESSIONS = Number(process.env['BENCH_SESSIONS'] ?? '20')
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? '60')
const PER_SECOND = 50
const CUSTOMERS_EACH = 25
const ANSWERS = 200
const ANSWERS_PER_SECOND = 10
const WAIT_MS_MAX = 20_000

const account = (session: number): string => `55119000${String(10_000 + session)}`
const customer = (n: number): string => `55119876${String(10_000 + n)}`

const until = async (what: string, look: () => Promise<boolean> | boolean): Promise<void> => {
  const end = performance.now() + WAIT_MS_MAX
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`)
    await pause(20)
  }
}

/** A session that a phone has scanned. */
const linked = async (server: BenchServer, whatsapp: WhatsAppProcess, n: number): Promise<string> => {
  const { id } = await server.call<{ id: string }>('POST', '/sessions', {
    name: `Phone ${n}`,
    provider: 'baileys',
    settings: { pacing: 'off' },
  })
  await server.call('POST', `/sessions/${id}/start`, {})
  let qr: string | null = null
  await until('a QR code', async () => {
    qr = (await server.call<{ qr: string | null }>('GET', `/sessions/${id}/qr`)).qr
    return qr !== null
  })
  await whatsapp.scan({ qr: qr ?? '', number: account(n) })
  await until('a connected session', async () => {
    const { status } = await server.call<{ status: string }>('GET', `/sessions/${id}`)
    return status === 'connected'
  })
  return id
}

type Told = { action: string; message: { body: string; fromMe: boolean }; ticket: { id: string } }

/** Sends at the pace, whatever the answers take; resolves once all are sent. */
const atPace = async (
  count: number,
  perSecond: number,
  send: (n: number) => Promise<unknown>,
): Promise<void> => {
  const began = performance.now()
  const sent: Promise<unknown>[] = []
  for (let n = 0; n < count; n++) {
    await pause(Math.max(0, began + (n * 1_000) / perSecond - performance.now()))
    sent.push(send(n))
  }
  await Promise.all(sent)
}

for (const column of chosenColumns(['postgres'])) {
  const ground = await openGround(column)
  const whatsapp = await startWhatsAppProcess({ quickPairing: true })
  const server = await startBenchServer({
    ...ground.env,
    NODE_ENV: 'test',
    WHATSAPP_URL: whatsapp.url,
    WHATSAPP_ROOT_KEY: whatsapp.rootKey,
  })
  try {
    const empty = server.memory()
    for (let n = 0; n < SESSIONS; n++) await linked(server, whatsapp, n)
    const connected = server.memory()
    for (let n = 0; n < SESSIONS * CUSTOMERS_EACH; n++)
      await whatsapp.person({ number: customer(n), name: `Customer ${n}` })

    const socket = await agentSocket(server)
    const sentAt = new Map<string, number>()
    const toldTimes = new Map<string, number>()
    const latencies: number[] = []
    const tickets = new Set<string>()
    socket.on('appMessage', ({ action, message, ticket }: Told) => {
      if (action !== 'create' || message.fromMe) return
      tickets.add(ticket.id)
      toldTimes.set(message.body, (toldTimes.get(message.body) ?? 0) + 1)
      latencies.push(performance.now() - (sentAt.get(message.body) ?? Number.NaN))
    })
    const total = PER_SECOND * SECONDS
    const cpuBefore = server.cpuSeconds()
    const whatsappBefore = cpuSecondsOf(whatsapp.pid)
    const loadBefore = process.cpuUsage()
    const statementsBefore = await metric(server, 'fio_database_statements_total')
    let peakMiB = 0
    const watch = setInterval(() => (peakMiB = Math.max(peakMiB, server.rssMiB())), 500)
    await atPace(total, PER_SECOND, n => {
      const text = `message ${n}`
      sentAt.set(text, performance.now())
      // Every customer writes to one session; sessions and customers take turns.
      const from = customer(n % (SESSIONS * CUSTOMERS_EACH))
      return whatsapp.write({ from, to: account(n % SESSIONS), content: { kind: 'text', text } })
    })
    await until('all messages', () => toldTimes.size >= total).catch(() => undefined)
    await pause(1_000)
    clearInterval(watch)
    const load = process.cpuUsage(loadBefore)
    const statements = (await metric(server, 'fio_database_statements_total')) - statementsBefore
    const serverCpu = server.cpuSeconds() - cpuBefore
    const loadCpu = (load.user + load.system) / 1e6 + cpuSecondsOf(whatsapp.pid) - whatsappBefore
    const after = server.memory()
    const twice = [...toldTimes.values()].reduce((sum, times) => sum + times - 1, 0)

    const answering = [...tickets].slice(0, 50)
    for (const id of answering) await server.call('POST', `/tickets/${id}/accept`, {})
    const askedAt = new Map<string, number>()
    // The socket may be told before the request is answered.
    const sentTimes = new Map<string, number>()
    socket.on('message:ack', ({ messageId, ack }: { messageId: string; ack: string }) => {
      // Several words of one moment are told as the last of them.
      if (['sent', 'delivered', 'read'].includes(ack) && !sentTimes.has(messageId))
        sentTimes.set(messageId, performance.now())
    })
    await atPace(ANSWERS, ANSWERS_PER_SECOND, async n => {
      const began = performance.now()
      const ticket = answering[n % answering.length]
      const body = { body: `answer ${n}` }
      const { id } = await server.call<{ id: string }>('POST', `/tickets/${ticket}/messages`, body)
      askedAt.set(id, began)
    })
    const unsent = () => [...askedAt.keys()].filter(id => !sentTimes.has(id))
    await until('all answers', () => unsent().length === 0).catch(() => undefined)
    const handed = [...askedAt].map(([id, began]) => (sentTimes.get(id) ?? Number.POSITIVE_INFINITY) - began)
    socket.close()
    const got = await Promise.all(
      Array.from({ length: SESSIONS * CUSTOMERS_EACH }, (_, n) => whatsapp.sentTo({ number: customer(n) })),
    )
    const answersGot = got.flat().filter(one => one.text?.startsWith('answer ')).length
    const failures = (await whatsapp.failures({})).length

    const ms = { unit: 'ms', better: 'lower' } as const
    const mib = { unit: 'MiB', better: 'lower' } as const
    const figures: Figure[] = [
      { figure: 'resident memory, at most', value: Math.max(peakMiB, after.allMiB), ...mib, must: 512 },
      { figure: 'resident memory before the first session', value: empty.allMiB, ...mib },
      { figure: 'resident memory with all sessions linked', value: connected.allMiB, ...mib },
      { figure: 'of the memory after the load, its own', value: after.anonymousMiB, ...mib },
      { figure: 'phone to socket, p50', value: quantile(latencies, 0.5), ...ms },
      {
        figure: 'phone to socket, p99',
        value: quantile(latencies, 0.99),
        ...ms,
        must: 100,
        note: "from asking the phone to write to the event in the agent's socket; sealing and opening included",
      },
      {
        figure: 'lost',
        value: total - toldTimes.size,
        unit: 'messages',
        better: 'lower',
        note: `of ${total}`,
      },
      { figure: 'twice', value: twice, unit: 'messages', better: 'lower' },
      { figure: 'could not be opened by a phone', value: failures, unit: 'messages', better: 'lower' },
      {
        figure: 'server CPU per message',
        value: (serverCpu * 1_000) / total,
        ...ms,
        note: 'without Postgres',
      },
      {
        figure: 'load generator CPU per message',
        value: (loadCpu * 1_000) / total,
        ...ms,
        note: 'phones and WhatsApp; on the same cores',
      },
      { figure: 'SQL statements per message', value: statements / total, unit: '', better: 'lower' },
      {
        figure: 'answer to sent, p50',
        value: quantile(handed, 0.5),
        ...ms,
        note: `${ANSWERS_PER_SECOND}/s, unpaced; from the request until the socket is told that WhatsApp took it`,
      },
      { figure: 'answer to sent, p99', value: quantile(handed, 0.99), ...ms, must: 100 },
      {
        figure: 'answers lost or twice',
        value: Math.abs(ANSWERS - answersGot),
        unit: 'messages',
        better: 'lower',
      },
    ]
    report(
      'baileys-sessions',
      { column, sessions: SESSIONS, 'messages a second': PER_SECOND, seconds: SECONDS },
      figures,
    )
  } finally {
    await server.stop()
    await whatsapp.stop()
    await ground.close()
  }
}
