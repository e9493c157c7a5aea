import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { describe } from 'vitest'
import { columnReady } from '../columns.ts'
import { startApp } from './app.ts'
import { openBrowser, signIn, visit, type Credentials, type Visitor, type VisitorOptions } from './browser.ts'
import { until } from './until.ts'
import { ADMIN, columnAvailable, type MatrixColumn } from './world.ts'

/** For working on the screen: a build of it that lies elsewhere. */
const uiDir = (): Record<string, string> => {
  const folder = process.env['TEST_UI_DIR']
  return folder ? { UI_DIR: folder } : {}
}

const PASSWORD = 'a-password-of-the-journeys'

/** A server with one connected simulator session, and a browser to look at it with. `env`: what else the server is told. */
export const openDesk = async (column: MatrixColumn, env: Record<string, string> = {}) => {
  const [app, browser] = await Promise.all([startApp({ column, env: { ...uiDir(), ...env } }), openBrowser()])
  let sessionId: string | null = null
  let queue: Promise<string> | null = null
  /** Where everybody works and where whatever comes in is put: an agent sees what waits in the own queues. */
  const queueId = (): Promise<string> =>
    (queue ??= app.api.post('/queues', { name: 'Vendas', color: '#2563eb' }).then(made => made.id))
  return {
    app,
    browser,
    admin: ADMIN as Credentials,
    /** The id of the session, which is connected when somebody first asks. */
    session: async (): Promise<string> => {
      const settings = { name: 'WhatsApp', provider: 'simulator', settings: {} }
      return (sessionId ??= await app.api.openSession({ ...settings, queueIds: [await queueId()] }))
    },
    /** A new person of the company. */
    person: async (name: string, role = 'agent'): Promise<Credentials> => {
      const email = `${name.split(' ')[0]?.toLowerCase()}@example.com`
      const user = { name, email, password: PASSWORD, role, locale: 'en' }
      await app.api.post('/users', { ...user, queueIds: [await queueId()] })
      return { email, password: PASSWORD }
    },
    /** A customer writes; resolves once that is durable. A phone tries again while the channel is being restored. */
    write: async (from: string, name: string, text: string): Promise<void> => {
      const body = { from, name, text, id: randomUUID() }
      await until(`"${text}" to be taken`, async () => {
        const answer = await app.api.ask('POST', `/simulator/${sessionId}/inbound`, { body })
        if (answer.status === 409) return false
        if (answer.status >= 300) throw new Error(JSON.stringify(answer.body))
        return true
      })
    },
    /** Somebody comes in and logs in. */
    seat: (credentials: Credentials, options: Partial<VisitorOptions> = {}): Promise<Visitor> =>
      seat(browser, { url: app.url, ...options }, credentials),
    close: async (): Promise<void> => {
      await browser.close()
      await app.close()
    },
  }
}
export type Desk = Awaited<ReturnType<typeof openDesk>>

const seat = async (
  browser: Browser,
  options: VisitorOptions,
  credentials: Credentials,
): Promise<Visitor> => {
  const visitor = await visit(browser, options)
  await signIn(visitor, credentials)
  return visitor
}

/** The journey in each of the columns; where a server or the browser is missing it is skipped, and the run says so. */
export const journeysIn = async (
  name: string,
  columns: readonly MatrixColumn[],
  journey: (column: MatrixColumn) => () => void,
): Promise<void> => {
  for (const column of columns) {
    const ready = (await columnReady('browser')) && (await columnAvailable(column))
    describe.skipIf(!ready)(`${name} (${column})`, journey(column))
  }
}
