import type { Clock } from '../shared/clock.ts'

export const HEALTH_SERVICES = ['eventstore', 'database', 'redis', 'whatsapp', 'filesystem'] as const
export type HealthService = (typeof HEALTH_SERVICES)[number]
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

/** Looks at one service. Throwing means unhealthy, with the error's message. */
export type HealthCheck = () => Promise<{ status: HealthStatus; message: string }>

export type ServiceHealth = { status: HealthStatus; responseTime: number; message: string }
export type HealthReport = {
  status: HealthStatus
  services: Record<HealthService, ServiceHealth>
  metrics: { uptime: number; memory: { rss: number; heapUsed: number; heapTotal: number }; cpu: number }
}
export type Readiness = { ready: boolean; reason: string }

export type Health = {
  /** Answers within two seconds; looked at most once a second, whoever asks how often. */
  report(): Promise<HealthReport>
  ready(): Readiness
}

/** For a service that this installation does not use. */
export const notUsed =
  (message: string): HealthCheck =>
  () =>
    Promise.resolve({ status: 'healthy', message })

const CHECK_MS_MAX = 2_000
const REPORT_KEPT_MS = 1_000
/** Without these nothing works; without the others something is missing. */
const VITAL: readonly HealthService[] = ['eventstore', 'database', 'filesystem']

/** `cpu`: percent of one core used since the last report. `memory` in bytes, `uptime` in seconds, `responseTime` in ms. */
export const createHealth = (options: {
  checks: Record<HealthService, HealthCheck>
  readiness: () => Readiness
  clock: Clock
}): Health => {
  const { checks, readiness, clock } = options
  const cpu = cpuMeter(clock)
  let kept: { at: number; report: Promise<HealthReport> } | null = null

  const look = async (): Promise<HealthReport> => {
    const found = await Promise.all(
      HEALTH_SERVICES.map(async name => [name, await checked(checks[name], clock)] as const),
    )
    const { rss, heapUsed, heapTotal } = process.memoryUsage()
    return {
      status: overall(found),
      services: Object.fromEntries(found) as HealthReport['services'],
      metrics: { uptime: process.uptime(), memory: { rss, heapUsed, heapTotal }, cpu: cpu() },
    }
  }

  return {
    ready: readiness,
    report: () => {
      const now = clock.monotonic()
      if (!kept || now - kept.at >= REPORT_KEPT_MS) kept = { at: now, report: look() }
      return kept.report
    },
  }
}

const checked = async (check: HealthCheck, clock: Clock): Promise<ServiceHealth> => {
  const started = clock.monotonic()
  const took = () => Math.round((clock.monotonic() - started) * 10) / 10
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(CHECK_MS_MAX, () => reject(new Error(`no answer within ${CHECK_MS_MAX} ms`)))
  })
  try {
    const { status, message } = await Promise.race([check(), late])
    return { status, responseTime: took(), message }
  } catch (error) {
    return {
      status: 'unhealthy',
      responseTime: took(),
      message: error instanceof Error ? error.message : String(error),
    }
  } finally {
    cancel()
  }
}

const overall = (found: readonly (readonly [HealthService, ServiceHealth])[]): HealthStatus => {
  if (found.some(([name, { status }]) => status === 'unhealthy' && VITAL.includes(name))) return 'unhealthy'
  return found.every(([, { status }]) => status === 'healthy') ? 'healthy' : 'degraded'
}

const cpuMeter = (clock: Clock): (() => number) => {
  let last = { at: clock.monotonic(), usage: process.cpuUsage() }
  return () => {
    const now = { at: clock.monotonic(), usage: process.cpuUsage() }
    const usedMs = (now.usage.user + now.usage.system - last.usage.user - last.usage.system) / 1000
    const percent = now.at > last.at ? (100 * usedMs) / (now.at - last.at) : 0
    last = now
    return Math.round(percent * 10) / 10
  }
}
