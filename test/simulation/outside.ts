import type { Log } from '../../src/shared/log.ts'
import type { Channel } from './channel.ts'
import type { JobServer } from './job-server.ts'
import type { LeaseServer } from './lease-server.ts'
import type { Weather } from './line.ts'
import type { MemoryLog } from './memory-log.ts'
import type { VaultBox } from './memory-vault.ts'
import type { SimulatedReadModels } from './read-models.ts'
import type { Life, Scheduler } from './scheduler.ts'

/** What outlives every node: the services that all of them reach, each over a line with its own weather. */
export type Outside = {
  readonly scheduler: Scheduler
  /** The time of day at which the run began, milliseconds since the Unix epoch. */
  readonly epochMs: number
  readonly log: MemoryLog
  readonly vault: VaultBox
  readonly jobs: JobServer
  readonly leases: LeaseServer
  readonly readModels: SimulatedReadModels
  channel(): Channel
  /** How many calls will still arrive although their callers were told that there was no answer. */
  readonly traffic: { late: number }
  readonly weather: Record<'store' | 'vault' | 'jobs' | 'leases' | 'database', Weather>
  readonly pino: Log
  /** A service of a node has failed. */
  died(life: Life, why: string): void
}
