import type { InboundItem } from '../../src/providers/provider.ts'
import { derivedId, type CompanyId } from '../../src/shared/ids.ts'
import { dataKeys, tenantKey } from '../../src/vault/data-keys.ts'
import { createAgents } from './agents.ts'
import { chanceFrom, type Chance } from './chance.ts'
import { createChannel, GOOD_MOOD, USUAL_MOOD, type Channel, type Webhook } from './channel.ts'
import { createCluster } from './cluster.ts'
import { foundCompany } from './company.ts'
import { createCustomers } from './customers.ts'
import { compareActor, finalChecks, unrest } from './final-checks.ts'
import { createJobServer } from './job-server.ts'
import { createLeaseServer } from './lease-server.ts'
import { CALM } from './line.ts'
import { createMemoryLog } from './memory-log.ts'
import { createVaultBox, memoryVault } from './memory-vault.ts'
import { createMischief, TROUBLES, type Trouble } from './mischief.ts'
import type { Sabotage } from './node.ts'
import type { Outside } from './outside.ts'
import { createSimulatedReadModels } from './read-models.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { createTrace } from './trace.ts'
import { Violation } from './violation.ts'
import { watchLog, type Expected } from './watch-log.ts'
import { createLedger } from './wire-ledger.ts'

export type SeedOptions = {
  /** Keep every line of what happened, with what the nodes log. */
  readonly trace?: boolean
  readonly sabotage?: Sabotage
  /** The log forgets to look at the expected revision. */
  readonly carelessLog?: boolean
}
export type SeedResult = {
  readonly seed: number
  readonly steps: number
  readonly virtualMs: number
  readonly events: number
  readonly hash: string
  /** What broke, if anything did. */
  readonly broken: { readonly rule: string; readonly what: string } | null
  readonly lines: readonly string[]
}

/** The time of day at which every run begins. */
const EPOCH_MS = Date.parse('2026-03-02T12:00:00.000Z')
const COMPANY = derivedId<CompanyId>('simulated company')
const CHAOS_MS_MIN = 8_000
const CHAOS_MS_MAX = 45_000
const QUIET_MS_MAX = 30 * 60_000
const LOOK_EVERY_MS = 2_000
const STEPS_MAX = 60_000

/** Which troubles this run knows: none, one alone, some, or all of them. */
const troublesOf = (chance: Chance): ReadonlySet<Trouble> => {
  const kind = chance.float()
  if (kind < 0.05) return new Set()
  if (kind < 0.35) return new Set([chance.pick(TROUBLES)])
  if (kind < 0.8) return new Set(TROUBLES.filter(() => chance.happens(0.35)))
  return new Set(TROUBLES)
}

/** Lets something happen again and again until a moment. */
const every = (
  scheduler: Scheduler,
  until: number,
  ms: () => number,
  label: string,
  act: () => void,
): void => {
  const again = (): void =>
    void scheduler.after(ms(), label, null, () => {
      if (scheduler.now() >= until) return
      act()
      again()
    })
  again()
}

/** One run: a few nodes, a few people, some trouble; then all is made well, and what is left has to be right. */
export const runSeed = async (seed: number, options: SeedOptions = {}): Promise<SeedResult> => {
  const chance = chanceFrom(seed)
  const trace = createTrace(options.trace ?? false)
  const scheduler = createScheduler(chance.fork(), trace.note)
  let broken: { rule: string; what: string } | null = null
  const breaks = (error: unknown): void => {
    const rule = error instanceof Violation ? error.rule : 'nothing fails by surprise'
    broken ??= { rule, what: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }

  const log = createMemoryLog({
    epoch: '51e1d0c5',
    now: () => Math.floor(EPOCH_MS + scheduler.now()),
    strict: !options.carelessLog,
  })
  const box = createVaultBox()
  const vault = memoryVault(box, async (_, call) => call())
  const random = (
    (bytes: Chance) => (size: number) =>
      bytes.bytes(size)
  )(chance.fork())
  const keys = dataKeys(vault, {
    cacheMax: 1_000,
    clock: { monotonic: () => 0, now: () => EPOCH_MS },
    random,
  })
  const expected = new Map<string, Expected>()
  const watch = watchLog(log, expected, breaks)
  const ledger = createLedger(watch)
  const mood = { ...GOOD_MOOD }
  const weather = {
    store: { ...CALM },
    vault: { ...CALM },
    jobs: { ...CALM },
    leases: { ...CALM },
    database: { ...CALM },
  }
  const readModels = createSimulatedReadModels({ log, keys, scheduler, chance: chance.fork() })
  const jobs = createJobServer(scheduler)
  const traffic = { late: 0 }
  let channel: Channel | null = null
  const outside: Outside = {
    scheduler,
    epochMs: EPOCH_MS,
    log,
    vault: box,
    jobs,
    leases: createLeaseServer(scheduler),
    readModels,
    channel: () => channel!,
    traffic,
    weather,
    pino: trace.pino,
    died: (life, why) => {
      trace.note(scheduler.now(), `${life.name} dies: ${why}`)
      scheduler.after(0, 'a service failed', null, () => cluster.crashed(life))
    },
  }
  const cluster = createCluster(outside, chance.fork(), 1 + chance.int(4), options.sabotage ?? {})
  const secret = await tenantKey(vault, COMPANY, random)

  const settle = async (promise: Promise<void>): Promise<void> => {
    let over = false
    promise.then(
      () => (over = true),
      (error: unknown) => {
        breaks(error)
        over = true
      },
    )
    while (!over && !broken && scheduler.steps() < STEPS_MAX && (await scheduler.step())) continue
    if (!over && !broken) breaks(new Violation('it comes to an end', `${scheduler.steps()} steps`))
  }

  const acknowledged = (sessionId: string, items: readonly InboundItem[]): void => {
    for (const item of items) {
      const id = customers?.messageIdOf(sessionId, item)
      if (!id || watch.received(id)) continue
      const [letter = 'it is nowhere'] = watch.letters()
      breaks(new Violation('what was acknowledged is durable', `${id}: ${letter}`))
    }
  }
  channel = createChannel({
    scheduler,
    chance: chance.fork(),
    mood: () => mood,
    acknowledged,
    taken: message => {
      try {
        ledger.taken(message)
      } catch (error) {
        breaks(error)
      }
    },
  })
  let customers: ReturnType<typeof createCustomers> | null = null

  cluster.startAll()
  let company: Awaited<ReturnType<typeof foundCompany>> | null = null
  await settle(
    foundCompany(cluster.nodes()[0]!, COMPANY, chance.fork(), sessionId => {
      const webhook: Webhook | null = chance.happens(0.5) ? byWebhook(sessionId) : null
      channel.addSession(sessionId, webhook)
    }).then(found => void (company = found)),
  )
  function byWebhook(sessionId: string): Webhook {
    return items => {
      const node = cluster.any()
      if (!node) return null
      const done = new Promise<void>((resolve, reject) => {
        scheduler.after(chance.float() * mood.wayMs, `webhook ${items.length}`, node.life, () => {
          node.intake.take(COMPANY, sessionId, items).then(resolve, reject)
        })
      })
      return { life: node.life, done }
    }
  }

  const finish = (): SeedResult => ({
    seed,
    steps: scheduler.steps(),
    virtualMs: scheduler.now(),
    events: log.readAll().length,
    hash: `${trace.hash()}-${log.head()?.slice(-6) ?? ''}`,
    broken,
    lines: trace.lines(),
  })
  if (broken || !company) return finish()
  const { sessionIds, people } = company as Awaited<ReturnType<typeof foundCompany>>

  customers = createCustomers({
    scheduler,
    chance: chance.fork(),
    channel,
    tenantKey: secret,
    sessionIds,
    count: 1 + chance.int(4),
    epochMs: EPOCH_MS,
    expected,
  })
  const agents = createAgents({
    scheduler,
    chance: chance.fork(),
    log,
    readModels,
    people,
    node: cluster.any,
    broken: breaks,
  })
  const troubles = troublesOf(chance)
  const mischief = createMischief({
    scheduler,
    chance: chance.fork(),
    weather,
    mood,
    cluster,
    channel,
    jobs,
    troubles,
  })
  trace.note(
    scheduler.now(),
    `${cluster.nodes().length} nodes, troubles: ${[...troubles].join(', ') || 'none'}`,
  )

  const chaosMs = chance.between(CHAOS_MS_MIN, CHAOS_MS_MAX)
  const until = scheduler.now() + chaosMs
  if (troubles.size > 0) Object.assign(mood, USUAL_MOOD)
  const busy = chance.between(400, 4_000)
  const often = (ms: number) => (): number => chance.between(ms / 10, ms * 2)
  every(scheduler, until, often(busy), 'somebody writes', customers.writeSome)
  every(scheduler, until, often(busy / 2), 'somebody acts', agents.actSome)
  every(scheduler, until, often(6_000), 'trouble', () => mischief.actSome(sessionIds))
  every(scheduler, until, often(8_000), 'a look at an actor', () => {
    const node = cluster.any()
    const streams = watch.streams()
    if (node && streams.length > 0) compareActor(node, chance.pick(streams), log).catch(unlessAway)
  })
  const unlessAway = (error: unknown): void => {
    if (error instanceof Violation) breaks(error)
  }

  const parts = { log, traffic, watch, ledger, channel, agents, readModels, keys, expected }
  let quietSince: string | null = null
  const quiet = new Promise<void>((resolve, reject) => {
    scheduler.after(chaosMs, 'all is made well', null, () => {
      mischief.heal()
      agents.leave()
      const giveUp = scheduler.now() + QUIET_MS_MAX
      const look = (): void => {
        const why = unrest(parts)
        const head = log.head() ?? ''
        if (why === null && quietSince === head) return resolve()
        quietSince = why === null ? head : null
        if (scheduler.now() > giveUp)
          return reject(new Violation('it comes to rest', why ?? 'something is written without an end'))
        scheduler.after(LOOK_EVERY_MS, 'is it quiet?', null, look)
      }
      look()
    })
  })
  await settle(quiet)
  if (!broken) {
    const actors = cluster.nodes().flatMap(node => watch.streams().map(stream => ({ node, stream })))
    await settle(
      (async () => {
        await Promise.all(actors.map(({ node, stream }) => compareActor(node, stream, log)))
        await finalChecks(parts)
      })(),
    )
  }
  return finish()
}
