import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'pg'
import { watchStanding } from '../test/doubles/whatsapp/standing.ts'
import { startWhatsAppProcess, type WhatsAppProcess } from '../test/doubles/whatsapp-process.ts'
import { chosenColumns, openGround } from './support/ground.ts'
import { quantile, report, type Figure } from './support/results.ts'
import { cpuSecondsOf, metric, startBenchServer, type BenchServer } from './support/server.ts'
import { agentSocket } from './support/sockets.ts'

/**
 * Many linked devices in one server: 20 sessions against the local WhatsApp in a process of its own. Each of 500 customers writes
 * once, so that everybody is known; then, measured, 50 messages a second in all for a minute, from different customers. Then an
 * agent's answers, unpaced, until they are handed to WhatsApp. The phones seal what they write before they begin to send, since
 * their work is not what is measured; Baileys opens each message when it comes. `BENCH_SECONDS` (60), `BENCH_SESSIONS` (20).
 */
const SESSIONS = Number(process.env['BENCH_SESSIONS'] ?? '20')
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? '60')
const PER_SECOND = 50
const CUSTOMERS_EACH = 25
const ANSWERS = 200
const ANSWERS_PER_SECOND = 10
const WAIT_MS_MAX = 20_000
/** More flags for the load generator under study, such as `--cpu-prof`. */
const generatorFlags = (process.env['BENCH_WHATSAPP_FLAGS'] ?? '').split(' ').filter(Boolean)

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
    // The read models may not know the session yet.
    const shown = await server.call<{ qr: string | null }>('GET', `/sessions/${id}/qr`).catch(() => null)
    qr = shown?.qr ?? null
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

/** Seconds of CPU of all processes of the PostgreSQL of this machine. */
const postgresCpuSeconds = (): number =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .reduce((sum, pid) => {
      try {
        const ours = readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres'
        return ours ? sum + cpuSecondsOf(Number(pid)) : sum
      } catch {
        // Gone meanwhile.
        return sum
      }
    }, 0)

/** Seconds of CPU that this machine has used for whatever it was. */
const machineCpuSeconds = (): number => {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = readFileSync('/proc/stat', 'utf8')
    .slice('cpu '.length, 200)
    .trim()
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + irq + softIrq) / 100
}

const CUSTOMERS = SESSIONS * CUSTOMERS_EACH

for (const column of chosenColumns(['postgres'])) {
  const ground = await openGround(column)
  const whatsapp = await startWhatsAppProcess({ nodeFlags: generatorFlags })
  const server = await startBenchServer({
    ...ground.env,
    NODE_ENV: 'test',
    WHATSAPP_URL: whatsapp.url,
    WHATSAPP_ROOT_KEY: whatsapp.rootKey,
  })
  const database = new Pool({ connectionString: ground.env['DATABASE_URL'], max: 1 })
  const commits = async (): Promise<number> => {
    // Backends tell what they did once a second at most.
    await pause(1_500)
    const { rows } = await database.query<{ n: string }>(
      'select xact_commit as n from pg_stat_database where datname = current_database()',
    )
    return Number(rows[0]?.n)
  }
  try {
    const empty = server.memory()
    for (let n = 0; n < SESSIONS; n++) await linked(server, whatsapp, n)
    const connected = server.memory()
    for (let n = 0; n < CUSTOMERS; n++) await whatsapp.person({ number: customer(n), name: `Customer ${n}` })

    const socket = await agentSocket(server)
    const told = new Map<string, number[]>()
    const tickets = new Set<string>()
    socket.on('appMessage', ({ action, message, ticket }: Told) => {
      if (action !== 'create' || message.fromMe) return
      tickets.add(ticket.id)
      told.set(message.body, [...(told.get(message.body) ?? []), Date.now()])
    })
    let peakMiB = 0
    const watch = setInterval(() => (peakMiB = Math.max(peakMiB, server.rssMiB())), 500)
    // Every customer writes to one session; sessions and customers take turns.
    const textsOf = (name: string, count: number) =>
      Array.from({ length: count }, (_, n) => ({
        from: customer(n % CUSTOMERS),
        to: account(n % SESSIONS),
        text: `${name} ${n}`,
      }))
    let phonesStoodStillMs = 0
    let agentStoodStillMs = 0
    /** How long each took from the phone to the socket, ms; `Infinity` for one that never came. */
    const played = async (texts: readonly { text: string }[]): Promise<number[]> => {
      const still = watchStanding()
      const { sentAt, stoodStillMs } = await whatsapp.play({ perSecond: PER_SECOND })
      phonesStoodStillMs = stoodStillMs
      await until('all messages', () => texts.every(({ text }) => told.has(text))).catch(() => undefined)
      agentStoodStillMs = still.stop()
      return texts.map(
        ({ text }, n) => (told.get(text)?.[0] ?? Number.POSITIVE_INFINITY) - (sentAt[n] ?? Number.NaN),
      )
    }
    const firsts = textsOf('first', CUSTOMERS)
    await whatsapp.prepare({ texts: firsts })
    const firstLatencies = await played(firsts)

    const texts = textsOf('message', PER_SECOND * SECONDS)
    await whatsapp.prepare({ texts })
    const commitsBefore = await commits()
    const [machineBefore, began] = [machineCpuSeconds(), performance.now()]
    const cpuBefore = server.cpuSeconds()
    const postgresBefore = postgresCpuSeconds()
    const whatsappBefore = cpuSecondsOf(whatsapp.pid)
    const loadBefore = process.cpuUsage()
    const statementsBefore = await metric(server, 'fio_database_statements_total')
    const latencies = await played(texts)
    const total = texts.length
    const load = process.cpuUsage(loadBefore)
    const statements = (await metric(server, 'fio_database_statements_total')) - statementsBefore
    const serverCpu = server.cpuSeconds() - cpuBefore
    const postgresCpu = postgresCpuSeconds() - postgresBefore
    const loadCpu = (load.user + load.system) / 1e6 + cpuSecondsOf(whatsapp.pid) - whatsappBefore
    const others = machineCpuSeconds() - machineBefore - serverCpu - postgresCpu - loadCpu
    const othersShare = Math.max(0, (others * 1_000) / (performance.now() - began) / cpus().length)
    const committed = (await commits()) - commitsBefore
    const after = server.memory()
    const wanted = [...firsts, ...texts]
    const lost = wanted.filter(({ text }) => !told.has(text)).length
    const twice = [...told.values()].reduce((sum, times) => sum + times.length - 1, 0)

    const answering = [...tickets].slice(0, 50)
    for (const id of answering) await server.call('POST', `/tickets/${id}/accept`, {})
    const askedAt = new Map<string, number>()
    const answersStill = watchStanding()
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
    const agentStoodStillAnsweringMs = answersStill.stop()
    const handed = [...askedAt].map(([id, began]) => (sentTimes.get(id) ?? Number.POSITIVE_INFINITY) - began)
    clearInterval(watch)
    socket.close()
    const got = await Promise.all(
      Array.from({ length: CUSTOMERS }, (_, n) => whatsapp.sentTo({ number: customer(n) })),
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
        note: "from the phone handing a sealed message to WhatsApp to the event in the agent's socket; opening included",
      },
      {
        figure: 'first message of a person, p50',
        value: quantile(firstLatencies, 0.5),
        ...ms,
        note: `of ${CUSTOMERS} who never wrote before, at the same pace; a Signal session, a contact and a ticket are made`,
      },
      { figure: 'first message of a person, p99', value: quantile(firstLatencies, 0.99), ...ms },
      { figure: 'lost', value: lost, unit: 'messages', better: 'lower', note: `of ${wanted.length}` },
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
        note: 'phones, WhatsApp and the agent; on the same cores',
      },
      {
        figure: 'load generator stood still, at most',
        value: Math.max(phonesStoodStillMs, agentStoodStillMs),
        ...ms,
        note: 'the phones or the agent; what they waited for themselves counts as latency',
      },
      {
        figure: 'taken by others of the machine',
        value: othersShare * 100,
        unit: '%',
        better: 'lower',
        note: 'CPU of what is neither the server, Postgres nor the load',
      },
      {
        figure: 'Postgres CPU per message',
        value: (postgresCpu * 1_000) / total,
        ...ms,
        note: 'all its processes; on the same cores',
      },
      {
        figure: 'transactions of Postgres per message',
        value: committed / total,
        unit: '',
        better: 'lower',
        note: 'read models and vault',
      },
      {
        figure: 'statements of the read models per message',
        value: statements / total,
        unit: '',
        better: 'lower',
      },
      {
        figure: 'answer to sent, p50',
        value: quantile(handed, 0.5),
        ...ms,
        note: `${ANSWERS_PER_SECOND}/s, unpaced; from the request until the socket is told that WhatsApp took it`,
      },
      { figure: 'answer to sent, p99', value: quantile(handed, 0.99), ...ms, must: 100 },
      { figure: 'the agent stood still meanwhile, at most', value: agentStoodStillAnsweringMs, ...ms },
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
    await database.end()
    await ground.close()
  }
}
