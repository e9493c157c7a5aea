import type { Browser } from 'playwright-core'
import { describe } from 'vitest'
import { columnReady } from '../columns.ts'
import { startApp } from './app.ts'
import { openBrowser, signIn, visit, type Credentials, type Visitor, type VisitorOptions } from './browser.ts'
import { ADMIN, columnAvailable, type MatrixColumn } from './world.ts'

/** For working on the screen: a build of it that lies elsewhere. */
const uiDir = (): Record<string, string> => {
  const folder = process.env['TEST_UI_DIR']
  return folder ? { UI_DIR: folder } : {}
}

const PASSWORD = 'a-password-of-the-journeys'

/** A server with one connected simulator session, and a browser to look at it with. */
export const openDesk = async (column: MatrixColumn) => {
  const [app, browser] = await Promise.all([startApp({ column, env: uiDir() }), openBrowser()])
  const session = { name: 'WhatsApp', provider: 'simulator', queueIds: [], settings: {} }
  let sessionId: string | null = null
  return {
    app,
    browser,
    admin: ADMIN as Credentials,
    /** The id of the session, which is connected when somebody first asks. */
    session: async (): Promise<string> => (sessionId ??= await app.api.openSession(session)),
    /** A new person of the company. */
    person: async (name: string, role = 'agent'): Promise<Credentials> => {
      const email = `${name.split(' ')[0]?.toLowerCase()}@example.com`
      await app.api.post('/users', { name, email, password: PASSWORD, role, queueIds: [], locale: 'en' })
      return { email, password: PASSWORD }
    },
    /** A customer writes; resolves once that is durable. */
    write: async (from: string, name: string, text: string): Promise<void> => {
      if (sessionId === null) throw new Error('nobody asked for the session yet')
      await app.api.post(`/simulator/${sessionId}/inbound`, { from, name, text })
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
