import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startNode, type App } from '../support/app.ts'
import { until } from '../support/until.ts'
import { columnAvailable, startWorld, type World } from '../support/world.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { judge, together, wrongsOf } from './verdict.ts'

/**
 * kill -9 to every server in the middle of a burst. The customers and their network live on: what was acknowledged is never
 * delivered again, what was not is delivered until it is.
 */
const CHATS = ['Ana', 'Bia', 'Caio', 'Duda', 'Edu', 'Fabi', 'Gabi', 'Hugo', 'Iara', 'Jair']
const MESSAGES_EACH = 30
const BURST = CHATS.length * MESSAGES_EACH
/** At once; the others are written while the servers are dead. */
const BEFORE_DEATH_EACH = 20
const ACCEPTED_BEFORE_DEATH = BURST / 3
const ACKNOWLEDGED_MS_MAX = 120_000

for (const [column, servers] of [
  ['embedded', 1],
  ['outside', 3],
] as const)
  describe.skipIf(!(await columnAvailable(column)))(`a burst, ${column}, servers: ${servers}`, () => {
    let world: World
    let ledger: Ledger
    let folder = ''
    let sessionId = ''
    const apps: App[] = []

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fio-burst-'))
      ledger = openLedger(join(folder, 'ledger.jsonl'))
      world = await startWorld(column)
      apps.push(...(await Promise.all(Array.from({ length: servers }, (_, node) => startNode(world, node)))))
      sessionId = await apps[0]!.api.openSession({ name: 'Loja', provider: 'simulator' })
    })
    afterAll(async () => {
      await Promise.all(apps.map(app => app.kill('SIGKILL')))
      await world.close()
      ledger.close()
      await rm(folder, { recursive: true })
    })

    test(`${BURST} messages, all servers killed in the middle: each is there, once, in order`, async () => {
      const { api } = apps[0]!
      let die: () => void = () => undefined
      const dead = new Promise<void>(resolve => (die = resolve)).then(() =>
        Promise.all(apps.map(app => app.kill('SIGKILL'))),
      )
      const write = async (name: string, n: number): Promise<void> => {
        const from = `55119444400${String(CHATS.indexOf(name)).padStart(2, '0')}`
        const message = { from, name, text: `${name} ${n}`, id: `${name}-${n}` }
        ledger.handedIn(name, n)
        // Asked again, the network answers for the message that it has already.
        await until(
          `${name} ${n} to be acknowledged`,
          () => world.phone.inbound(sessionId, message).catch(() => null),
          ACKNOWLEDGED_MS_MAX,
        )
        ledger.accepted(name, n)
        if (ledger.count() === ACCEPTED_BEFORE_DEATH) die()
      }
      const writeAll = (from: number, to: number): Promise<void>[] =>
        Array.from({ length: to - from }, (_, n) => CHATS.map(name => write(name, from + n))).flat()

      const first = writeAll(0, BEFORE_DEATH_EACH)
      await dead
      const acceptedBefore = ledger.count()
      const rest = writeAll(BEFORE_DEATH_EACH, MESSAGES_EACH)
      await Promise.all(apps.map(app => app.start()))
      await Promise.all([...first, ...rest])

      const accounts = ledger.read()
      const shown = async (name: string) => {
        const tickets = await api.ticketsOf(sessionId, name)
        return (await Promise.all(tickets.map(({ id }) => api.messages(id)))).flat()
      }
      await until('everything to be shown', async () =>
        (await Promise.all(CHATS.map(async name => (await shown(name)).length >= MESSAGES_EACH))).every(
          Boolean,
        ),
      )
      const verdict = together(
        await Promise.all(CHATS.map(async name => judge(name, accounts.get(name)!, await shown(name), []))),
      )
      console.log(`${column}: ${acceptedBefore} of ${BURST} accepted at death, ${verdict.found} found`)
      expect(wrongsOf(verdict)).toEqual({})
      // Those that were not answered too: their network went on delivering them.
      expect(verdict.found).toBe(BURST)
      for (const name of CHATS) expect(await api.ticketsOf(sessionId, name)).toHaveLength(1)
    })
  })
