import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startSimulatorProcess, type SimulatorProcess } from '../../../test/doubles/simulator-process.ts'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import type { ConnectionState, InboundItem } from '../provider.ts'
import { simulatorPhone } from './phone.ts'
import { simulatorProvider } from './provider.ts'

const UNTIL = { timeout: 10_000, interval: 5 }
let network: SimulatorProcess
beforeEach(async () => {
  network = await startSimulatorProcess()
})
afterEach(async () => {
  await network.stop('SIGKILL')
})

test('runs on its own, keeps what it accepted while nobody is linked, and ends cleanly', async () => {
  const sessionId = randomUUID()
  const states: ConnectionState[] = []
  const items: InboundItem[] = []
  const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 10_000 })
  const written = phone.inbound(sessionId, { from: '5511987654321', text: 'oi', id: 'a' })
  const connection = await simulatorProvider({
    url: network.url,
    clock: systemClock,
    log: silentLog,
  }).connect({
    companyId: randomUUID(),
    sessionId,
    credentials: {},
    settings: {},
    handlers: { onItems: async got => void items.push(...got), onState: s => void states.push(s) },
  })
  expect(await written).toEqual({ messageId: 'a', duplicate: false })
  expect(items).toMatchObject([{ message: { text: 'oi' } }])
  expect(await network.stop()).toBe(0)
  await vi.waitFor(() => expect(states.at(-1)?.state).toBe('closed'), UNTIL)
  await connection.close()
  phone.close()
})
