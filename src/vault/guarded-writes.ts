import type { Pool, QueryResult } from 'pg'
import type { VaultSpace } from './port.ts'
import type { PlacedWrite } from './sealing.ts'

/**
 * Guarded writes of many at once. Each by itself is a statement, a commit and a disk's fsync; linked devices make one of every
 * message that they open. So one statement is under way at a time, and all that is asked for meanwhile goes together into the
 * next: each behind its own guard, so that one who lost his loses nothing but his own.
 */
export type Guard = { readonly space: VaultSpace; readonly key: string; readonly raw: Buffer }

type Wish = {
  readonly guard: Guard
  readonly writes: readonly PlacedWrite[]
  readonly held: (held: boolean) => void
  readonly failed: (error: unknown) => void
}

const WISHES_MAX = 100

const STATEMENT = {
  name: 'fio_vault_write_if',
  text: `with guard as (
    select * from unnest($1::int[], $2::text[], $3::text[], $4::bytea[]) as g(n, space, key, value)
  ), held as (
    select g.n from guard g join vault.entry e on e.space = g.space and e.key = g.key and e.value = g.value
    for share of e
  ), gone as (
    delete from vault.entry e using unnest($5::int[], $6::text[], $7::text[]) as d(n, space, key)
    where e.space = d.space and e.key = d.key and d.n in (select n from held)
  ), put as (
    insert into vault.entry
    select p.space, p.key, p.value from unnest($8::int[], $9::text[], $10::text[], $11::bytea[]) as p(n, space, key, value)
    where p.n in (select n from held)
    on conflict (space, key) do update set value = excluded.value
  )
  select n from held`,
}

const placeOf = ({ space, key }: { space: string; key: string }): string => `${space}\0${key}`
const sameGuard = (one: Guard, other: Guard): boolean =>
  placeOf(one) === placeOf(other) && one.raw.equals(other.raw)

/** From the front, what one statement can do: of one place, only what stands behind one guard. */
const takeTogether = (queue: Wish[]): Wish[] => {
  const owners = new Map<string, Guard>()
  let count = 0
  for (const { guard, writes } of queue.slice(0, WISHES_MAX)) {
    const places = writes.map(placeOf)
    const others = places.some(place => {
      const owner = owners.get(place)
      return owner !== undefined && !sameGuard(owner, guard)
    })
    if (others) break
    for (const place of places) owners.set(place, guard)
    count += 1
  }
  return queue.splice(0, count)
}

const valuesOf = (wishes: readonly Wish[]): unknown[] => {
  const last = new Map<string, PlacedWrite & { readonly n: number }>()
  wishes.forEach(({ writes }, n) => {
    for (const write of writes) last.set(placeOf(write), { ...write, n })
  })
  // In the order of their places, so that two processes never wait for each other.
  const all = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, write]) => write)
  const gone = all.filter(write => !write.sealed)
  const put = all.filter(write => write.sealed)
  return [
    wishes.map((_, n) => n),
    wishes.map(({ guard }) => guard.space),
    wishes.map(({ guard }) => guard.key),
    wishes.map(({ guard }) => guard.raw),
    gone.map(({ n }) => n),
    gone.map(({ space }) => space),
    gone.map(({ key }) => key),
    put.map(({ n }) => n),
    put.map(({ space }) => space),
    put.map(({ key }) => key),
    put.map(({ sealed }) => sealed),
  ]
}

/**
 * Answers whether the guard held and all was written; `false`: nothing was. A failure of the database is one for all that went
 * together. `around` runs each statement.
 */
export const guardedWrites = (
  pool: Pool,
  around: (run: () => Promise<QueryResult<{ n: number }>>) => Promise<QueryResult<{ n: number }>>,
): ((guard: Guard, writes: readonly PlacedWrite[]) => Promise<boolean>) => {
  const queue: Wish[] = []
  let atWork = false

  const work = async (): Promise<void> => {
    atWork = true
    while (queue.length > 0) {
      const wishes = takeTogether(queue)
      try {
        const values = valuesOf(wishes)
        const { rows } = await around(() => pool.query<{ n: number }>({ ...STATEMENT, values }))
        const held = new Set(rows.map(({ n }) => n))
        wishes.forEach((wish, n) => wish.held(held.has(n)))
      } catch (error) {
        for (const wish of wishes) wish.failed(error)
      }
    }
    atWork = false
  }
  return (guard, writes) =>
    new Promise((held, failed) => {
      queue.push({ guard, writes, held, failed })
      if (!atWork) void work()
    })
}
