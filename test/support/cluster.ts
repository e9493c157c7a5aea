import { Redis } from 'ioredis'
import { redisUrl } from '../columns.ts'
import { startNode, type App } from './app.ts'
import { startCuttableLine, type CuttableLine } from './cuttable-line.ts'
import type { World } from './world.ts'

/** What a node reaches over a line of its own, which a test can cut. */
export const OUTSIDE = ['EVENTSTORE_URL', 'DATABASE_URL', 'REDIS_URL', 'SIMULATOR_URL'] as const
export type Outside = (typeof OUTSIDE)[number]

export type ClusterNode = {
  readonly app: App
  /** Whether it runs, is awake and reaches everything. */
  readonly sound: () => boolean
  pause(): void
  resume(): void
  cut(what: Outside): void
  restore(what: Outside): void
  close(): Promise<void>
}

const portOf = (url: string): number =>
  Number(/:(\d+)(?!.*@.*:\d)/.exec(url.replace(/^\w+:\/\//, ''))?.[1] ?? 5432)

const startClusterNode = async (world: World, index: number): Promise<ClusterNode> => {
  const environment = world.environment(index)
  const lines = new Map<Outside, CuttableLine>()
  const through: Record<string, string> = {}
  for (const name of OUTSIDE) {
    const url = environment[name]!
    const line = await startCuttableLine()
    const port = portOf(url)
    line.to(port)
    lines.set(name, line)
    through[name] = url.replace(`:${port}`, `:${line.port}`)
  }
  const app = await startNode(world, index, through)
  const broken = new Set<string>()
  const signal = (name: NodeJS.Signals): void => void (app.pid && process.kill(app.pid, name))
  return {
    app,
    sound: () => app.alive && broken.size === 0,
    pause: () => {
      broken.add('paused')
      signal('SIGSTOP')
    },
    resume: () => {
      broken.delete('paused')
      signal('SIGCONT')
    },
    cut: what => {
      broken.add(what)
      lines.get(what)!.cut()
    },
    restore: what => {
      broken.delete(what)
      lines.get(what)!.restore()
    },
    close: async () => {
      await app.kill('SIGKILL')
      await Promise.all([...lines.values()].map(line => line.close()))
    },
  }
}

/** Several servers over one log, one database and one Redis, each on lines of its own. */
export const startCluster = async (world: World, count: number) => {
  const indexes = Array.from({ length: count }, (_, index) => index)
  const nodes = await Promise.all(indexes.map(index => startClusterNode(world, index)))
  const redis = new Redis(redisUrl())
  return {
    nodes,
    /** The node that has the lease of that session now, if any of these has. */
    ownerOf: async (sessionId: string): Promise<ClusterNode | null> => {
      for await (const keys of redis.scanStream({ match: `fio-*:lease:session-${sessionId}`, count: 1_000 }))
        for (const key of keys as string[]) {
          const holder = (await redis.get(key)) ?? ''
          const found = nodes.find(({ app }) => app.pid !== null && holder.includes(`-${app.pid}-`))
          if (found) return found
        }
      return null
    },
    close: async () => {
      await Promise.all(nodes.map(node => node.close()))
      redis.disconnect()
    },
  }
}
export type Cluster = Awaited<ReturnType<typeof startCluster>>
