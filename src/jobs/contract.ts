import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLog, type Log } from '../shared/log.ts'
import type { JobOptions, JobOutcome, Jobs, RunningJob } from './port.ts'

const gate = (): { open: () => void; passed: Promise<void> } => {
  let open: () => void = () => undefined
  const passed = new Promise<void>(resolve => (open = resolve))
  return { open, passed }
}

const once: JobOptions = { concurrency: 1, attempts: 1, backoffMs: 10 }

/** What every job queue does. */
export const jobsContract = (
  open: (log: Log) => Promise<{ jobs: Jobs; drop: () => Promise<void> }>,
): void => {
  let jobs: Jobs
  let drop: () => Promise<void>
  let queue = ''
  let count = 0
  const lines: { msg: string; job?: string; level: string }[] = []
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const destination = {
      write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
    }
    ;({ jobs, drop } = await open(
      createLog({ level: 'info', version: '0', environment: 'test', destination }),
    ))
  })
  beforeEach(() => {
    lines.length = 0
    // As sessions' queues are called: an id with dashes.
    queue = `outbox-0190f0a0-0000-7000-8000-${String(++count).padStart(12, '0')}`
    return async () => {
      await Promise.all(stops.splice(0).map(stop => stop()))
    }
  })
  afterAll(async () => {
    await jobs.close()
    await drop()
  })
  const work = (options: JobOptions, handler: (job: RunningJob) => Promise<JobOutcome>) => {
    const worker = jobs.work(queue, options, handler)
    stops.push(() => worker.stop())
    return worker
  }
  const seen: RunningJob[] = []
  const recorded = (outcome?: (job: RunningJob) => JobOutcome) => {
    seen.length = 0
    return async (job: RunningJob): Promise<JobOutcome> => {
      seen.push(job)
      return outcome?.(job)
    }
  }
  const ids = (): string[] => seen.map(job => job.id)
  const settled = (): Promise<void> => expect.poll(() => jobs.depth(queue), { timeout: 10_000 }).toBe(0)
  const ring = (id: string, delayMs?: number) => ({ id, data: {}, ...(delayMs ? { delayMs } : {}) })

  test('jobs run in the order in which they came, with their data', async () => {
    const all = Array.from({ length: 30 }, (_, i) => ({
      id: `j-${i}`,
      data: { i, s: 'x', b: true, n: null },
    }))
    await jobs.addAll(queue, all.slice(0, 20))
    for (const job of all.slice(20)) await jobs.add(queue, job)
    expect(await jobs.depth(queue)).toBe(30)
    work(once, recorded())
    await settled()
    expect(seen).toEqual(all.map(job => ({ ...job, attempt: 1 })))
  })

  test('a job may be called by any word, a number and words of the queue’s own included', async () => {
    const names = [
      '17',
      'delayed',
      'wait',
      'active',
      'meta',
      'id',
      'events',
      'stalled',
      'marker',
      'e-mail/é %_{}',
    ]
    await jobs.addAll(
      queue,
      names.map(name => ring(name)),
    )
    work(once, recorded())
    await settled()
    expect(ids()).toEqual(names)
  })

  test('queues do not see each other', async () => {
    await jobs.add(`${queue}-other`, ring('a'))
    await jobs.add(queue, ring('a'))
    work(once, recorded())
    await settled()
    expect(ids()).toEqual(['a'])
    expect(await jobs.depth(`${queue}-other`)).toBe(1)
  })

  test('an id that waits, is delayed or runs is not added again; once finished it may be', async () => {
    await jobs.addAll(queue, [ring('waits'), ring('waits'), ring('delayed', 3_600_000)])
    await jobs.add(queue, ring('waits'))
    await jobs.add(queue, ring('delayed'))
    expect(await jobs.depth(queue)).toBe(2)
    const [running, done] = [gate(), gate()]
    const record = recorded()
    work(once, async job => {
      running.open()
      await done.passed
      return record(job)
    })
    await running.passed
    await jobs.add(queue, ring('waits'))
    expect(await jobs.depth(queue)).toBe(2)
    done.open()
    await expect.poll(() => jobs.depth(queue)).toBe(1)
    expect(ids()).toEqual(['waits'])
    await jobs.add(queue, ring('waits'))
    await expect.poll(ids).toEqual(['waits', 'waits'])
  })

  test('a delayed job lets others pass and runs later', async () => {
    await jobs.add(queue, ring('late', 150))
    await jobs.add(queue, ring('soon'))
    work(once, recorded())
    await settled()
    expect(ids()).toEqual(['soon', 'late'])
  })

  test('a handler that throws is tried again, then given up with a word in the log', async () => {
    await jobs.add(queue, ring('bad'))
    const at: number[] = []
    work({ concurrency: 1, attempts: 3, backoffMs: 40 }, async job => {
      at.push(performance.now())
      await recorded()(job)
      throw new Error(`no luck ${job.attempt}`)
    })
    await settled()
    expect(at).toHaveLength(3)
    expect(seen.at(-1)?.attempt).toBe(3)
    // Never sooner than said (a clock's millisecond aside): 40, then 80.
    expect(at[1]! - at[0]!).toBeGreaterThan(38)
    expect(at[2]! - at[1]!).toBeGreaterThan(78)
    expect(lines.filter(({ job }) => job === 'bad').map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'a job failed and is tried again'],
      ['warn', 'a job failed and is tried again'],
      ['error', 'a job was given up'],
    ])
    await jobs.add(queue, ring('bad', 3_600_000))
    expect(await jobs.depth(queue)).toBe(1)
  })

  test('a handler may ask to be run again later; meanwhile the id is taken and others pass', async () => {
    await jobs.addAll(queue, [ring('again'), ring('other')])
    const first = gate()
    const record = recorded(job => (job.id === 'again' && job.attempt < 4 ? { againInMs: 60 } : undefined))
    work(once, async job => {
      const outcome = await record(job)
      first.open()
      return outcome
    })
    await first.passed
    await jobs.add(queue, ring('again'))
    await settled()
    expect(seen.filter(({ id }) => id === 'again').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
    expect(ids().slice(0, 2)).toEqual(['again', 'other'])
    expect(lines).toEqual([])
  })

  test('as many as allowed run at once, and no more', async () => {
    await jobs.addAll(
      queue,
      Array.from({ length: 6 }, (_, i) => ring(`c-${i}`)),
    )
    const hold = gate()
    let running = 0
    let most = 0
    work({ ...once, concurrency: 3 }, async () => {
      most = Math.max(most, ++running)
      await hold.passed
      running--
      return undefined
    })
    await expect.poll(() => running).toBe(3)
    hold.open()
    await settled()
    expect(most).toBe(3)
  })

  test('stop finishes what runs and takes no more', async () => {
    await jobs.addAll(queue, [ring('first'), ring('second')])
    const [started, finish] = [gate(), gate()]
    const record = recorded()
    const worker = work(once, async job => {
      started.open()
      await finish.passed
      return record(job)
    })
    await started.passed
    let stopped = false
    const stopping = worker.stop().then(() => (stopped = true))
    await new Promise(resolve => setImmediate(resolve))
    expect(stopped).toBe(false)
    finish.open()
    await stopping
    expect(ids()).toEqual(['first'])
    expect(await jobs.depth(queue)).toBe(1)
    work(once, record)
    await settled()
    expect(ids()).toEqual(['first', 'second'])
  })

  test('a job that waits or is delayed can be taken back; one that runs, or is none, cannot', async () => {
    await jobs.addAll(queue, [ring('first'), ring('waits'), ring('delayed', 3_600_000)])
    const [started, finish] = [gate(), gate()]
    const record = recorded()
    work(once, async job => {
      started.open()
      await finish.passed
      return record(job)
    })
    await started.passed
    expect(await jobs.remove(queue, 'first')).toBe(false)
    expect(await jobs.remove(queue, 'waits')).toBe(true)
    expect(await jobs.remove(queue, 'delayed')).toBe(true)
    expect(await jobs.remove(queue, 'waits')).toBe(false)
    expect(await jobs.remove(queue, 'never there')).toBe(false)
    finish.open()
    await settled()
    expect(ids()).toEqual(['first'])
    await jobs.add(queue, ring('waits'))
    await expect.poll(ids).toEqual(['first', 'waits'])
  })

  test('a paused worker finishes what runs and takes no more until it goes on', async () => {
    await jobs.addAll(queue, [ring('first'), ring('second')])
    const [started, finish] = [gate(), gate()]
    const record = recorded()
    const worker = work(once, async job => {
      started.open()
      await finish.passed
      return record(job)
    })
    await started.passed
    let paused = false
    const pausing = worker.pause().then(() => (paused = true))
    await new Promise(resolve => setImmediate(resolve))
    expect(paused).toBe(false)
    finish.open()
    await pausing
    await jobs.add(queue, ring('third'))
    expect(ids()).toEqual(['first'])
    expect(await jobs.depth(queue)).toBe(2)
    await worker.resume()
    await settled()
    expect(ids()).toEqual(['first', 'second', 'third'])
  })

  test('one at a time: no two jobs overlap, and one that is tried again holds up nobody', async () => {
    await jobs.addAll(
      queue,
      Array.from({ length: 8 }, (_, i) => ring(`o-${i}`)),
    )
    let running = 0
    let most = 0
    const ended: string[] = []
    work({ concurrency: 1, attempts: 2, backoffMs: 50 }, async job => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running--
      if (job.id === 'o-2' && job.attempt === 1) throw new Error('no luck yet')
      ended.push(job.id)
      return undefined
    })
    await settled()
    expect(most).toBe(1)
    expect(ended).toHaveLength(8)
    expect(ended.filter(id => id !== 'o-2')).toEqual(['o-0', 'o-1', 'o-3', 'o-4', 'o-5', 'o-6', 'o-7'])
  })

  test('many queues at once, each its own order', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `${queue}-many-${i}`)
    const got = new Map<string, string[]>(names.map(name => [name, []]))
    for (const name of names) await jobs.addAll(name, [ring('a'), ring('b'), ring('c')])
    for (const name of names) {
      const worker = jobs.work(name, once, async job => void got.get(name)?.push(job.id) as undefined)
      stops.push(() => worker.stop())
    }
    await expect
      .poll(() => [...got.values()].every(list => list.length === 3), { timeout: 20_000 })
      .toBe(true)
    for (const list of got.values()) expect(list).toEqual(['a', 'b', 'c'])
  })

  test.each(['', 'a:b'])('an id that not every queue could hold is refused: %j', async id => {
    await expect(jobs.add(queue, ring(id))).rejects.toThrow(/a job id/)
  })
}
