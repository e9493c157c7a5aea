import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { describeColumn, redisUrl } from '../../test/columns.ts'
import { openEngine, type Engine } from '../../test/support/engine.ts'
import { testPrefix } from '../../test/support/redis.ts'
import { stoppableClock } from '../../test/support/stoppable-clock.ts'
import type { Door } from '../commands/define.ts'
import { redisLeases } from '../jobs/leases.ts'
import { systemClock, type Clock } from '../shared/clock.ts'
import { silentLog as log } from '../shared/log.ts'
import { firstRun } from './first-run.ts'

const TTL_MS = 600
const CONFIG = { adminEmail: 'admin@example.com', adminPassword: null }

await describeColumn('redis', 'the first run of several processes', () => {
  const { prefix, drop } = testPrefix()
  const closing: { close(): Promise<void> }[] = []
  let engine: Engine
  beforeEach(async () => {
    engine = await openEngine()
  })
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close()
    await engine.close()
    await drop()
  })
  afterAll(drop)

  /** A process of that name, and the passwords that it set again. */
  const start = async (name: string, clock: Clock = systemClock, through?: (door: Door) => Door) => {
    const leases = await redisLeases({ redisUrl: redisUrl(), prefix, clock, log, ttlMs: TTL_MS })
    closing.push(leases)
    const { door } = engine.node(name)
    const passwords: string[] = []
    const auth = {
      setPassword: async (_: unknown, __: unknown, password: string) => void passwords.push(password),
    }
    const told = firstRun({
      door: through?.(door) ?? door,
      vault: engine.vault,
      leases,
      auth,
      config: CONFIG,
    })
    return { told, passwords }
  }
  const factsOf = async (type: string) => (await engine.facts()).filter(fact => fact.type === type)

  test('two at once make one company and one user, and only one of them has something to tell', async () => {
    const both = await Promise.all([start('one'), start('two')])
    const told = await Promise.all(both.map(one => one.told))
    expect(told.filter(one => one !== null)).toEqual([
      { email: CONFIG.adminEmail, password: expect.stringMatching(/.{15,}/) as string },
    ])
    expect([await factsOf('company.created'), await factsOf('user.created')].map(one => one.length)).toEqual([
      1, 1,
    ])
  })

  for (const last of ['company.create', 'user.create'])
    test(`one that is killed after ${last} is finished by the other, which has waited`, async () => {
      const dead = stoppableClock()
      let reached: () => void = () => undefined
      const cut = new Promise<void>(resolve => (reached = resolve))
      await start('dying', dead.clock, door => ({
        ...door,
        ask: async (who, command, input, options) => {
          const answer = await door.ask(who, command, input, options)
          if (command !== last) return answer
          // Killed: it hears no answer, and renews nothing any more.
          dead.stop()
          reached()
          return new Promise(() => undefined)
        },
      }))
      await cut
      const other = await start('other')
      expect(await other.told).toMatchObject({ email: CONFIG.adminEmail })
      expect(
        [await factsOf('company.created'), await factsOf('user.created')].map(one => one.length),
      ).toEqual([1, 1])
      // The dead one told nobody its password: the one that is told now is the one that counts.
      const { password } = (await other.told)!
      expect(other.passwords).toEqual(last === 'user.create' ? [password] : [])
      expect(await engine.vault.get('installation', 'first-run')).not.toBeNull()
    })
})
