import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startSimulatorNetwork } from '../../src/providers/simulator/network.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { silentLog } from '../../src/shared/log.ts'

test('a page in a browser on this machine cannot talk to the simulated network', async () => {
  const network = await startSimulatorNetwork({ log: silentLog, clock: systemClock })
  const page = new WebSocket(network.url, { origin: 'https://evil.example' })
  const [error] = (await once(page, 'error')) as [Error]
  expect(error.message).toContain('401')
  const engine = new WebSocket(network.url)
  await once(engine, 'open')
  engine.close()
  await network.close()
})
