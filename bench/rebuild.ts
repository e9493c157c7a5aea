import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../src/database/open-database.ts'
import type { Database } from '../src/database/port.ts'
import { decode, decodeAccepted } from '../src/eventstore/codec.ts'
import { openEmbeddedStore, type EmbeddedStore } from '../src/eventstore/embedded.ts'
import { logDistance } from '../src/eventstore/position.ts'
import { openCheckpoint } from '../src/projections/checkpoint.ts'
import { copyFormat } from '../src/projections/copy-text.ts'
import type { Keyed } from '../src/projections/define.ts'
import { rebuild, type RebuildProgress } from '../src/projections/rebuild.ts'
import { projections, SCHEMA, type Db } from '../src/projections/tables.ts'
import { systemClock } from '../src/shared/clock.ts'
import { silentLog } from '../src/shared/log.ts'
import { prebuiltPglite, testPostgres } from '../test/support/database.ts'
import { historyKeys, writeHistory } from '../test/support/history/write.ts'
import { largeHistory } from '../test/support/large-history.ts'
import { report } from './support/results.ts'

/**
 * All read models made from the log beside empty ones, as after a change of version, against the limit: the very same
 * rows through one plain `copy` into tables without any index. `BENCH_FACTS` (90000; the figure is named for 1000000),
 * `BENCH_COLUMNS` (postgres,pglite), `BENCH_SLICE` (facts a slice; 0: as the server does). Postgres: the test server, a database of its own. The log is the embedded one.
 */
const FACTS = Number(process.env['BENCH_FACTS'] ?? '90000')
const COLUMNS = (process.env['BENCH_COLUMNS'] ?? 'postgres,pglite').split(',')
const SLICE = Number(process.env['BENCH_SLICE'] ?? '0')
const FACTS_A_MESSAGE = 3
const MESSAGES_A_TICKET = 20
const MUST = 20_000
const ROWS_A_PAGE = 20_000

const keys = historyKeys()

const fill = async (store: EmbeddedStore): Promise<number> => {
  const messages = Math.ceil(FACTS / FACTS_A_MESSAGE)
  const tickets = Math.ceil(messages / MESSAGES_A_TICKET)
  return writeHistory(store, largeHistory({ messages, tickets }), keys)
}

type Made = {
  seconds: number
  cpuSeconds: number
  readingSeconds: number
  rows: number
  copySeconds: number
  statements: number
}

/** The same rows again, into bare tables. */
const plainCopy = async (database: Database<never>): Promise<{ rows: number; seconds: number }> => {
  const loader = await database.openLoader()
  await loader.query('create schema plain')
  let rows = 0
  let milliseconds = 0
  for (const projection of projections) {
    const name = projection.table
    await loader.query(`create table plain.${name} (like ${SCHEMA}.${name})`)
    const format = copyFormat(projection, 'plain')
    let after = ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000']
    for (;;) {
      const page = await loader.query<Keyed>(
        `select * from ${SCHEMA}.${name} where (company_id, id) > ($1::uuid, $2::uuid)
          order by company_id, id limit ${ROWS_A_PAGE}`,
        after,
      )
      const last = page.at(-1)
      if (!last) break
      after = [last.company_id, last.id]
      rows += page.length
      const bytes = await format.bytesOf(page)
      const began = performance.now()
      await loader.copyIn(format.statement, bytes)
      milliseconds += performance.now() - began
    }
  }
  await loader.close()
  return { rows, seconds: milliseconds / 1000 }
}

const measured = async (store: EmbeddedStore, kind: string, folder: string): Promise<Made> => {
  const server = kind === 'postgres' ? await testPostgres() : null
  let statements = 0
  const database = await openDatabase<never>({
    ...(server ? { url: server.url } : {}),
    folder: join(folder, 'read-models'),
    prebuilt: prebuiltPglite(),
    onStatement: () => void statements++,
    log: silentLog,
  })
  try {
    const db = database.db as unknown as Db
    await openCheckpoint(db, store, () => store.head())
    statements = 0
    const began = performance.now()
    const cpuBefore = process.cpuUsage()
    let readingSeconds = 0
    const onProgress = ({ state }: RebuildProgress): void => {
      if (state === 'indexes') readingSeconds ||= (performance.now() - began) / 1000
    }
    const done = await rebuild(
      {
        store,
        database,
        db: database.background as unknown as Db,
        decode: event => decode(event, keys),
        decodeAccepted: event => decodeAccepted(event, keys),
        distance: logDistance(store.epoch),
        clock: systemClock,
        log: silentLog,
        onProgress,
        ...(SLICE ? { sliceFacts: SLICE } : {}),
      },
      'empty',
      new AbortController().signal,
    )
    if (done.outcome !== 'done') throw new Error(`the rebuild ended as ${done.outcome}`)
    const seconds = (performance.now() - began) / 1000
    const cpu = process.cpuUsage(cpuBefore)
    const cpuSeconds = (cpu.user + cpu.system) / 1e6
    const rebuildStatements = statements
    const copy = await plainCopy(database)
    return {
      seconds,
      cpuSeconds,
      readingSeconds,
      rows: copy.rows,
      copySeconds: copy.seconds,
      statements: rebuildStatements,
    }
  } finally {
    await database.close()
    await server?.drop()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'fio-bench-rebuild-'))
try {
  const store = await openEmbeddedStore({ folder: join(folder, 'events') })
  try {
    const facts = await fill(store)
    for (const kind of COLUMNS) {
      const made = await measured(store, kind, folder)
      const value = facts / made.seconds
      const aim = Math.round(facts / made.copySeconds / 2)
      report('rebuild', { column: kind, facts }, [
        {
          figure: 'all read models made from the log',
          value,
          unit: 'facts/s',
          better: 'higher',
          ...(kind === 'postgres' ? { must: MUST } : {}),
          aim,
          note: 'aim: half of a plain copy of the same rows into bare tables',
        },
        {
          figure: 'the same, without indexes and swap',
          value: facts / made.readingSeconds,
          unit: 'facts/s',
          better: 'higher',
        },
        { figure: 'own CPU', value: (made.cpuSeconds * 1e6) / facts, unit: 'µs/fact', better: 'lower' },
        { figure: 'rows', value: made.rows, unit: '', better: 'higher' },
        { figure: 'statements', value: made.statements, unit: '', better: 'lower' },
      ])
    }
  } finally {
    await store.close()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
