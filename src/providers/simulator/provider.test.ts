import { randomUUID } from 'node:crypto'
import { systemClock } from '../../shared/clock.ts'
import { silentLog } from '../../shared/log.ts'
import { providerContract } from '../contract.ts'
import { startSimulatorNetwork } from './network.ts'
import { simulatorPhone } from './phone.ts'
import { simulatorProvider } from './provider.ts'

providerContract('the simulator', { credentials: false }, async () => {
  const network = await startSimulatorNetwork({ log: silentLog, clock: systemClock })
  const sessionId = randomUUID()
  const phone = simulatorPhone({ url: network.url, clock: systemClock, timeoutMs: 10_000 })
  await phone.misbehave(sessionId, { redeliverMs: 5 })
  let up = true
  const vanish = async () => {
    if (up) await network.close()
    up = false
  }
  return {
    provider: simulatorProvider({ url: network.url, clock: systemClock, log: silentLog, sendWaitMs: 200 }),
    options: handlers => ({ companyId: randomUUID(), sessionId, credentials: {}, settings: {}, handlers }),
    async write(text, id) {
      await phone.inbound(sessionId, { from: '5511987654321', text, id })
    },
    tell: (messageId, ack) => phone.ack(sessionId, messageId, ack),
    async sent() {
      const { items } = await phone.outbound(sessionId)
      return items.map(i => ({ body: i.body, providerMessageId: i.messageId }))
    },
    loseAnswers: () => phone.misbehave(sessionId, { loseAnswer: true }),
    refuse: () =>
      phone.misbehave(sessionId, { refuse: { code: '131026', reason: 'undeliverable', retryable: false } }),
    vanish,
    async stop() {
      phone.close()
      await vanish()
    },
  }
})
