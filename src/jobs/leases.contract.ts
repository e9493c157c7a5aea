import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Leases } from './lease.ts'

/** What every kind of leases does; `one` and `other` stand for two that want the same. */
export const leasesContract = (
  open: () => Promise<{ one: Leases; other: Leases; drop: () => Promise<void> }>,
): void => {
  let one: Leases
  let other: Leases
  let drop: () => Promise<void>
  beforeAll(async () => {
    ;({ one, other, drop } = await open())
  })
  afterAll(async () => {
    await one.close()
    await other.close()
    await drop()
  })

  test('of many who want it at once exactly one gets it', async () => {
    const asks = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).acquire('crowd')),
    )
    expect(asks.filter(lease => lease !== null)).toHaveLength(1)
  })

  test('it is held, and its holder known, until it is given up; then another gets it at once', async () => {
    const lease = await one.acquire('a')
    expect(lease?.held()).toBe(true)
    expect(lease?.lost.aborted).toBe(false)
    expect(await other.holder('a')).toBe(one.node)
    expect(await other.acquire('a')).toBeNull()
    expect(await one.acquire('a')).toBeNull()
    await lease?.release()
    expect(lease?.held()).toBe(false)
    expect(lease?.lost.aborted).toBe(true)
    expect(await one.holder('a')).toBeNull()
    const next = await other.acquire('a')
    expect(next?.held()).toBe(true)
    // Letting go twice takes nothing from the next one.
    await lease?.release()
    expect(await one.holder('a')).toBe(other.node)
    await next?.release()
  })

  test('names do not stand in each other’s way', async () => {
    const leases = await Promise.all(['n:1', 'n:2', 'n'].map(name => one.acquire(name)))
    expect(leases.every(lease => lease?.held())).toBe(true)
  })

  test('who waits for one is told when it is given up, and who stopped waiting is not', async () => {
    const lease = await one.acquire('awaited')
    const told: string[] = []
    other.whenFree('awaited', () => told.push('waits'))
    other.whenFree('awaited', () => told.push('left'))()
    await lease?.release()
    await expect.poll(() => told[0], { timeout: 10_000 }).toBe('waits')
    expect(told).not.toContain('left')
  })

  test('one that was given up before anybody waited is told at once', async () => {
    let told = 0
    one.whenFree('never taken', () => void (told += 1))
    await expect.poll(() => told, { timeout: 10_000 }).toBe(1)
  })

  test('closing gives up everything', async () => {
    const lease = await one.acquire('closing')
    await one.close()
    expect(lease?.lost.aborted).toBe(true)
    expect(await other.holder('closing')).toBeNull()
  })
}
