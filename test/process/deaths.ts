import { Redis } from 'ioredis'
import { expect } from 'vitest'
import type { FailPoint } from '../../src/shared/fail-point.ts'
import { redisUrl } from '../columns.ts'
import type { App } from '../support/app.ts'
import { until } from '../support/until.ts'

/** Some points are passed by few of the stories, which go on meanwhile. */
const REACHED_MS_MAX = 240_000

/** Starts a server that is to die at the nth passing of this point, and waits until it has. `environment`: what it is started with. */
export const dieAt = async (
  app: App,
  environment: Record<string, string>,
  point: FailPoint,
  nth: number,
): Promise<void> => {
  environment['FAIL_POINT'] = `${point}:${nth}`
  await app.start().catch((error: unknown) => {
    if (!String(error).includes(`"failPoint":"${point}"`)) throw error
  })
  await until(`${point} to be reached`, () => !app.alive, REACHED_MS_MAX)
  expect(app.logs()).toContain(`"failPoint":"${point}"`)
}

/** The dead are known to be dead here: nobody has to wait until their leases run out. */
export const buryLeases = async (epoch: string): Promise<void> => {
  if (!/^[0-9a-f]{8}$/.test(epoch)) throw new Error(`not an epoch: ${epoch}`)
  const redis = new Redis(redisUrl())
  for await (const keys of redis.scanStream({ match: `fio-${epoch}:lease:*`, count: 1_000 }))
    if ((keys as string[]).length > 0) await redis.del(...(keys as string[]))
  await redis.quit()
}
