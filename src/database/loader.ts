import type { Loader } from './port.ts'

/** What a loader needs of a session. */
export type LoaderSession = {
  query(sql: string, parameters: readonly unknown[]): Promise<{ rows: readonly unknown[] }>
  copyIn(statement: string, rows: Buffer): Promise<void>
  close(): Promise<void>
}

/** A loader over one session. */
export const loaderOver = (session: LoaderSession): Loader => ({
  query: async <Row>(sql: string, parameters: readonly unknown[] = []) =>
    (await session.query(sql, parameters)).rows as readonly Row[],
  copyIn: (statement, rows) => session.copyIn(statement, rows),
  transaction: async work => {
    await session.query('begin', [])
    try {
      const result = await work()
      await session.query('commit', [])
      return result
    } catch (error) {
      // A session that is gone has rolled back by itself; what went wrong first is what counts.
      await session.query('rollback', []).catch(() => undefined)
      throw error
    }
  },
  close: () => session.close(),
})
