import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAIL_POINTS, type FailPoint } from '../../src/shared/fail-point.ts'
import type { Ticket } from '../../src/realtime/protocol.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { startNode, type App } from '../support/app.ts'
import { cloudSession } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import {
  columnAvailable,
  startWorld,
  type LogEntry,
  type MatrixColumn,
  type World,
} from '../support/world.ts'
import { buryLeases, dieAt } from './deaths.ts'
import { isAboutPeople, type Tools } from './fail-point-load.ts'
import {
  afterReactions,
  ENDS,
  isErased,
  NUMBERS,
  people,
  writeAs,
  type Person,
  type Which,
} from './people-load.ts'

/**
 * Every step of merging, separating and erasing people, one after the other: the server dies right after it, and the next one
 * has to finish what was begun. In the end each person is held against what they wrote.
 */
type Death = readonly [FailPoint, number]
const STEPS: readonly Death[] = (Object.keys(FAIL_POINTS) as FailPoint[])
  .filter(isAboutPeople)
  .map(point => [point, 1])
/** After whatever fact comes so late after a start: each lies between two steps of somebody. */
const ANYWHERE: readonly Death[] = [9, 14, 20, 27, 35, 44].map(nth => ['log.appended', nth])
const DEATHS = [...STEPS, ...ANYWHERE]
const OUTSIDE: readonly FailPoint[] = [
  'merge.decided',
  'join.redirected',
  'part.restored',
  'erase.alias-released',
]

const CHAINS: readonly { column: MatrixColumn; deaths: readonly Death[] }[] = [
  { column: 'embedded', deaths: DEATHS.filter((_, index) => index % 2 === 0) },
  { column: 'embedded', deaths: DEATHS.filter((_, index) => index % 2 === 1) },
  { column: 'outside', deaths: OUTSIDE.map(point => [point, 1]) },
]
const CHAIN_MS_MAX = 900_000

for (const [nth, { column, deaths }] of CHAINS.entries())
  ((await columnAvailable(column)) ? describe.concurrent : describe.skip)(
    `dying while people are merged, parted and erased, ${column}, ${nth + 1}`,
    () => {
      const environment: Record<string, string> = {}
      const ledger: Person[] = []
      let world: World
      let graph: GraphServer
      let app: App
      let simulator = ''
      let cloud = ''
      let epoch = ''

      beforeAll(async () => {
        graph = await startGraphServer()
        world = await startWorld(column, { GRAPH_URL: graph.url })
        app = await startNode(world, 0, environment)
        simulator = await app.api.openSession({ name: 'Loja', provider: 'simulator' })
        cloud = await app.api.openSession(cloudSession(graph))
        const { position } = await app.api.post('/queues', { name: 'Vendas', color: '#00aa55' })
        epoch = String(position).slice(0, 8)
        await app.kill('SIGKILL')
      })
      afterAll(async () => {
        await app?.kill('SIGKILL')
        await world?.close()
        await graph?.close()
      })

      test(
        'everybody is who they are said to be, and nothing is lost or doubled',
        { timeout: CHAIN_MS_MAX },
        async () => {
          let stopping = false
          const tools: Tools = { world, app, simulator, cloud, stopped: () => stopping }
          const load = Promise.all(ENDS.map(ends => people(tools, ends, ledger)))
          const dying = (async () => {
            for (const [point, nth] of deaths) {
              if (column === 'outside') await buryLeases(epoch)
              await dieAt(app, environment, point, nth)
            }
            delete environment['FAIL_POINT']
            if (column === 'outside') await buryLeases(epoch)
            await app.start()
          })()
          await Promise.race([dying, load.then(() => dying)])
          stopping = true
          await load
          await app.api.connected(simulator)
          await until(
            'everything that waited to be delivered',
            async () => (await world.phone.look(simulator)).waiting === 0,
          )
          await afterReactions(tools)
          expect(new Set(ledger.map(({ ends }) => ends))).toEqual(new Set(ENDS))
          for (const { name } of ledger) for (const which of NUMBERS) await writeAs(tools, name, which, 9)
          const last = `${ledger.at(-1)!.name}c 9`
          await until('the last word to be shown', async () => (await placesOfWords()).has(last))
          const tickets = await app.api.tickets(`?sessionId=${simulator}`)
          const places = await placesOfWords()
          for (const person of ledger) {
            if (person.ends === 'erased') await judgeErased(tools, person, places, tickets)
            else judgeLiving(person, places, tickets)
          }
          await judgeLetters()
          await app.kill()
          judgeLog(await world.log())
          console.log(`${column}: ${deaths.length} deaths, ${ledger.length} people`)
        },
      )

      /** In which tickets each word of a customer is shown. */
      const placesOfWords = async (): Promise<Map<string, string[]>> => {
        const places = new Map<string, string[]>()
        for (const { id } of await app.api.tickets(`?sessionId=${simulator}`))
          for (const { body, fromMe } of await app.api.messages(id))
            if (!fromMe) places.set(body, [...(places.get(body) ?? []), id])
        return places
      }

      const probesOf = (name: string): Record<Which, string> => ({
        a: `${name}a 9`,
        b: `${name}b 9`,
        c: `${name}c 9`,
      })

      const judgeLiving = (
        { name, ends, contacts, written }: Person,
        places: ReadonlyMap<string, readonly string[]>,
        tickets: readonly Ticket[],
      ): void => {
        const probes = probesOf(name)
        const said = [...written, ...Object.values(probes)]
        // Everything once, and nothing else.
        const shown = [...places].filter(([words]) => words.startsWith(name))
        expect(new Map(shown.map(([words, { length }]) => [words, length]))).toEqual(
          new Map(said.map(words => [words, 1])),
        )
        const liveOf = (contactId: string): string[] =>
          tickets
            .filter(({ contact, status }) => contact.id === contactId && status !== 'closed')
            .map(({ id }) => id)
        const placeOf = (which: Which): string => places.get(probes[which])![0]!
        const oneOf = ends === 'merged' ? NUMBERS : (['a', 'c'] as const)
        expect([name, liveOf(contacts.c)]).toEqual([name, [placeOf('c')]])
        expect([name, liveOf(contacts.a)]).toEqual([name, []])
        expect([name, liveOf(contacts.b)]).toEqual([name, ends === 'merged' ? [] : [placeOf('b')]])
        expect([name, new Set(oneOf.map(placeOf))]).toEqual([name, new Set([placeOf('c')])])
      }

      const judgeErased = async (
        tools: Tools,
        { name, contacts, written }: Person,
        places: ReadonlyMap<string, readonly string[]>,
        tickets: readonly Ticket[],
      ): Promise<void> => {
        const ids = Object.values(contacts)
        expect([name, await Promise.all(ids.map(id => isErased(tools, id)))]).toEqual([
          name,
          ids.map(() => true),
        ])
        const theirs = tickets.filter(({ contact }) => ids.includes(contact.id))
        expect([name, theirs.map(({ status }) => status)]).toEqual([name, theirs.map(() => 'closed')])
        // What they wrote is still counted, and says nothing any more.
        const bodies = (await Promise.all(theirs.map(({ id }) => app.api.messages(id))))
          .flat()
          .map(({ body }) => body)
        expect([name, bodies]).toEqual([name, written.map(() => '')])
        // Who writes from their numbers is somebody new.
        const probes = Object.values(probesOf(name))
        expect([...places.keys()].filter(words => words.startsWith(name)).sort()).toEqual(probes.sort())
        const fresh = probes.flatMap(words => places.get(words) ?? [])
        expect([name, new Set(fresh).size]).toEqual([name, NUMBERS.length])
        expect(theirs.filter(({ id }) => fresh.includes(id))).toEqual([])
      }

      const judgeLetters = async (): Promise<void> => {
        const { items } = await app.api.get<{ items: { status: string }[] }>('/dead-letters?limit=100')
        const erased = ledger.filter(({ ends }) => ends === 'erased')
        expect(items.map(({ status }) => status)).toEqual(erased.map(() => 'erased'))
      }

      /** Whatever was begun was said to be done, once. */
      const judgeLog = (log: readonly LogEntry[]): void => {
        const streams = new Map<string, string[]>()
        for (const { stream, type } of log)
          if (stream.startsWith('contact-')) streams.set(stream, [...(streams.get(stream) ?? []), type])
        for (const [stream, types] of streams) {
          const count = (type: string): number => types.filter(one => one === type).length
          const merged = types.lastIndexOf('contact.merged')
          const after = types.slice(merged + 1)
          const isOver = ['contact.mergeCompleted', 'contact.unmerged', 'contact.erased'].some(type =>
            after.includes(type),
          )
          expect([stream, merged < 0 || isOver]).toEqual([stream, true])
          expect([stream, count('contact.erasureCompleted')]).toEqual([stream, count('contact.erased')])
          expect([stream, count('contact.erased') <= 1, count('contact.unmerged') <= 1]).toEqual([
            stream,
            true,
            true,
          ])
        }
      }
    },
  )
