import { sql, type Kysely } from 'kysely'

/** Milliseconds of a round trip. @throws Error when there was none within `timeoutMs`. */
export const ping = async <Tables>(db: Kysely<Tables>, timeoutMs: number): Promise<number> => {
  const start = performance.now()
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the database did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
  })
  const asked = sql`select 1`.execute(db)
  try {
    await Promise.race([asked, tooLate])
  } finally {
    clearTimeout(timer)
    // Answered too late or not at all: the race has already said so.
    asked.catch(() => undefined)
  }
  return performance.now() - start
}
