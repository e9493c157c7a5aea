import { parentPort, workerData } from 'node:worker_threads'
import { readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'

/**
 * The other side of `pglite-stream.ts`: Postgres in this thread, spoken to in its own wire protocol. PGlite computes on
 * the thread that calls it, so a query of one second would stop every timer of the server: hence the worker.
 */
export type ToWorker = { readonly bytes: Uint8Array } | { readonly close: true } | { readonly dump: true }
export type FromWorker =
  | { readonly ready: true }
  | { readonly bytes: Uint8Array }
  | { readonly closed: true }
  | { readonly dumped: Uint8Array }
  | { readonly failed: string }

export type WorkerStart = { readonly dataDir: string; readonly prebuilt: string | null }

const port = parentPort
if (!port) throw new Error('pglite-worker runs in a worker thread')
const start = workerData as WorkerStart

const say = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

const sayBytes = (bytes: Uint8Array): void => {
  // What PGlite answers may be a window on its own memory: a copy of exactly these bytes can be handed over.
  const own = new Uint8Array(bytes)
  say({ bytes: own }, [own.buffer])
}

/** Of the 128 MB that Postgres takes by itself every page becomes resident; the system's page cache is behind it anyway. */
const SETTINGS = ['-c', 'shared_buffers=64MB']

const open = (): Promise<PGlite> =>
  PGlite.create({
    dataDir: start.dataDir,
    startParams: [...PGlite.defaultStartParams, ...SETTINGS],
    ...(start.prebuilt ? { loadDataDir: new Blob([readFileSync(start.prebuilt)]) } : {}),
  })

const answer = async (db: PGlite, message: ToWorker): Promise<void> => {
  if ('bytes' in message) return sayBytes(await db.execProtocolRaw(message.bytes))
  if ('dump' in message) {
    const dump = await db.dumpDataDir('gzip')
    return say({ dumped: new Uint8Array(await dump.arrayBuffer()) })
  }
  await db.close()
  say({ closed: true })
  port.close()
}

const fail = (error: unknown): void => say({ failed: error instanceof Error ? error.message : String(error) })

try {
  const db = await open()
  let turn = Promise.resolve()
  port.on('message', (message: ToWorker) => {
    turn = turn.then(() => answer(db, message)).catch(fail)
  })
  say({ ready: true })
} catch (error) {
  fail(error)
  port.close()
}
