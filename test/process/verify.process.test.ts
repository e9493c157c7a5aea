import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rewriteIn } from '../support/altered-log.ts'
import { startApp } from '../support/app.ts'
import { runProgram } from '../support/run-program.ts'
import { commandArguments } from '../support/server-bundle.ts'
import { until } from '../support/until.ts'
import { columnAvailable } from '../support/world.ts'

/** What an auditor does: asks the server, asks the command, and believes neither a log that somebody changed. */
type Verification = {
  root: { ordinal: number } | null
  running: unknown
  failed: string | null
  last: {
    ok: boolean
    at: string
    events: number
    root: { ordinal: number } | null
    findings: { what: string; stream: string | null; revision: number | null }[]
  } | null
}

for (const column of ['embedded', 'outside'] as const)
  describe.skipIf(!(await columnAvailable(column)))(`verifying the log, ${column}`, () => {
    let app: Awaited<ReturnType<typeof startApp>>
    let ticketId = ''
    let stream = ''
    const environment = (): Record<string, string> => app.world.environment(0)
    const verify = () => runProgram(commandArguments('verify'), environment())
    const report = () => app.api.get<Verification>('/audit/verification')
    /** Begins a verification, and answers what it found. */
    const verified = async (): Promise<NonNullable<Verification['last']>> => {
      const before = (await report()).last?.at
      expect(await app.api.post('/audit/verification')).toEqual({ started: true })
      return until('the verification', async () => {
        const { last, running, failed } = await report()
        expect(failed).toBeNull()
        return running === null && last?.at !== before && last
      })
    }

    beforeAll(async () => {
      app = await startApp({ column })
      const sessionId = await app.api.openSession({ name: 'Loja', provider: 'simulator' })
      const write = (n: number) =>
        app.world.phone.inbound(sessionId, {
          from: '5511977770001',
          name: 'Ana',
          text: `oi ${n}`,
          id: `ana-${n}`,
        })
      await write(0)
      const ticket = await until('a ticket', async () => (await app.api.ticketsOf(sessionId, 'Ana'))[0])
      ticketId = ticket.id
      await app.api.post(`/tickets/${ticketId}/accept`)
      await write(1)
      await app.api.post(`/tickets/${ticketId}/messages`, { body: 'bom dia' })
      await until(
        'delivered',
        async () => (await app.api.messages(ticketId)).find(({ fromMe }) => fromMe)?.ack === 'delivered',
      )
    })
    afterAll(() => app.close())

    test('a server that is asked signs a root and says that the log is what was written', async () => {
      const { ok, events, root, findings } = await verified()
      expect({ ok, findings }).toEqual({ ok: true, findings: [] })
      expect(events).toBeGreaterThan(10)
      expect(root).toEqual((await report()).root)
      expect(root?.ordinal).toBeGreaterThan(0)
    })

    test('the command says the same', async () => {
      // What is embedded is opened by one process at a time; on servers outside it runs beside ours.
      if (column === 'embedded') await app.kill()
      const { code, output } = await verify()
      expect(output).toContain('The log is what was written.')
      expect(code).toBe(0)
    })

    test('one altered fact is named by stream and revision, and the command fails', async () => {
      await app.kill()
      stream = (await app.world.log()).find(({ stream: one }) => one.endsWith(ticketId))!.stream
      await app.world.alterLog(folder =>
        rewriteIn(folder, stream, 1, ({ metadata }) => ({
          metadata: { ...metadata, at: '2020-01-01T00:00:00.000Z' },
        })),
      )
      const { code, output } = await verify()
      expect(output).toContain(`altered: ${stream} revision 1 `)
      expect(output).toContain('The log is NOT what was written.')
      expect(code).toBe(1)
    })

    test('so does the server', async () => {
      await app.start()
      const { ok, findings } = await verified()
      expect(ok).toBe(false)
      expect(findings[0]).toMatchObject({ what: 'altered', stream, revision: 1 })
    })
  })
