import { open, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startNode, type App } from '../support/app.ts'
import { commandArguments, serverArguments } from '../support/server-bundle.ts'
import { runProgram } from '../support/run-program.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

/** What an operator does on the worst day: a backup under load, the machine gone, everything back on another one. */
describe('backup and restore', () => {
  let world: World
  let app: App
  let sessionId = ''
  let elsewhere = ''
  /** By customer, the numbers of the messages that the server said are durable. */
  const acknowledged = new Map<string, number[]>(['Ana', 'Bia', 'Caio'].map(name => [name, []]))
  const phones = new Map(['Ana', 'Bia', 'Caio'].map((name, n) => [name, `551193333100${n}`]))
  const environment = (dataDir?: string): Record<string, string> => ({
    ...world.environment(0),
    ...(dataDir ? { DATA_DIR: dataDir } : {}),
  })
  const home = (): string => environment()['DATA_DIR']!
  const beside = (name: string): string => join(home(), '..', name)
  const command = (name: 'backup' | 'restore', words: readonly string[], dataDir?: string) =>
    runProgram([...commandArguments(name), ...words], environment(dataDir))
  const bodiesOf = async (of: App, name: string): Promise<string[]> => {
    const [ticket] = await of.api.ticketsOf(sessionId, name)
    return ticket ? (await of.api.messages(ticket.id)).map(({ body }) => body) : []
  }

  beforeAll(async () => {
    world = await startWorld('embedded')
    app = await startNode(world)
    sessionId = await app.api.openSession({ name: 'Loja', provider: 'simulator' })
    elsewhere = beside('elsewhere')
  })
  afterAll(async () => {
    await app.kill()
    await world.close()
  })

  test('made under load, it brings back every message that was acknowledged before it began', async () => {
    const stop = new AbortController()
    const customer = async (name: string): Promise<void> => {
      const taken = acknowledged.get(name)!
      for (let n = 0; !stop.signal.aborted; n++) {
        const body = { from: phones.get(name)!, name, text: `${name} ${n}`, id: `${name}-${n}` }
        await app.api.post(`/simulator/${sessionId}/inbound`, body)
        taken.push(n)
      }
    }
    const load = Promise.all([...acknowledged.keys()].map(customer))
    const all = [...acknowledged.values()]
    await until('some load', () => all.every(taken => taken.length >= 15))
    const before = new Map([...acknowledged].map(([name, taken]) => [name, [...taken]]))
    const backup = await command('backup', [beside('backup')])
    expect(backup.code, backup.output).toBe(0)
    expect(backup.output).toContain(`npm run restore -- ${beside('backup')}`)
    // The server noticed nothing: it goes on taking messages.
    const then = all.map(taken => taken.length)
    await until('more load', () => all.every((taken, n) => taken.length > then[n]! + 2))
    stop.abort()
    await load
    await app.kill('SIGKILL')

    const restored = await command('restore', [beside('backup')], elsewhere)
    expect(restored.code, restored.output).toBe(0)
    const there = await startNode(world, 0, { DATA_DIR: elsewhere })
    try {
      for (const [name, numbers] of before) {
        const bodies = await until(`the messages of ${name}`, async () => {
          const shown = await bodiesOf(there, name)
          return shown.length >= numbers.length && shown
        })
        expect(bodies.slice(0, numbers.length)).toEqual(numbers.map(n => `${name} ${n}`))
        expect(new Set(bodies).size).toBe(bodies.length)
      }
    } finally {
      await there.kill()
    }
  })

  test('the read models of what was brought back are made again by a command, which tells how far it is', async () => {
    const rebuilt = await runProgram(commandArguments('rebuild'), environment(elsewhere))
    expect(rebuilt.code, rebuilt.output).toBe(0)
    expect(rebuilt.output).toMatch(/reading: \d+ facts/)
    expect(rebuilt.output).toContain('The read models are made.')
    const there = await startNode(world, 0, { DATA_DIR: elsewhere })
    try {
      // A server has the log: nobody else opens it meanwhile.
      const refused = await runProgram(commandArguments('rebuild'), environment(elsewhere))
      expect(refused.code).toBe(1)
      expect(await bodiesOf(there, 'Ana')).toContain('Ana 0')
    } finally {
      await there.kill()
    }
  })

  test('a folder that holds something is replaced only by force, and then kept aside', async () => {
    const refused = await command('restore', [beside('backup')], elsewhere)
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('is not empty')
    const forced = await command('restore', [beside('backup'), '--force'], elsewhere)
    expect(forced.code, forced.output).toBe(0)
    const aside = (await readdir(elsewhere)).find(name => name.startsWith('replaced-'))!
    expect(await readdir(join(elsewhere, aside))).toEqual(expect.arrayContaining(['events', 'vault']))
    const again = await startNode(world, 0, { DATA_DIR: elsewhere })
    try {
      await expect(command('restore', [beside('backup'), '--force'], elsewhere)).resolves.toMatchObject({
        code: 1,
        output: expect.stringContaining('in use by another process') as string,
      })
    } finally {
      await again.kill()
    }
  })

  test('no half of a backup is taken for one, and none is written over', async () => {
    await expect(command('backup', [beside('backup')])).resolves.toMatchObject({ code: 1 })
    await rm(join(beside('backup'), 'backup.json'))
    const refused = await command('restore', [beside('backup')], beside('nowhere'))
    expect(refused.code).toBe(1)
    expect(refused.output).toContain('holds no complete backup')
    expect(await readdir(beside('nowhere')).catch(() => 'not made')).toBe('not made')
  })

  test('a server on a damaged log ends with the command that brings the backup back', async () => {
    const file = join(elsewhere, 'events', 'log.mdb')
    const { size } = await stat(file)
    const start = () => runProgram(serverArguments(), environment(elsewhere))
    const damages = [
      async () => {
        const handle = await open(file, 'r+')
        await handle.write(Buffer.alloc(size - 8192, 0x5a), 0, size - 8192, 8192)
        await handle.close()
      },
      () => truncate(file, size / 2),
      () => rm(file),
    ]
    for (const damage of damages) {
      await damage()
      const ended = await start()
      expect(ended.code).toBe(1)
      expect(ended.output).toContain('npm run restore -- <folder of the backup> --force')
    }
  })
})
