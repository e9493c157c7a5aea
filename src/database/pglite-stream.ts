import { Duplex } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { startWorker } from '../shared/start-worker.ts'
import type { FromWorker, ToWorker, WorkerStart } from './pglite-worker.ts'

/**
 * PGlite as if it were a server on a socket: `pg` writes protocol bytes into this stream, the worker answers with
 * protocol bytes. So the driver, its types, its error codes and its parameters are the very same as in production.
 */
export type PgliteProcess = {
  /** A fresh stream for a `pg` client. One at a time: there is one session. */
  stream(): Duplex
  dump(): Promise<Uint8Array>
  onLost(listener: (why: Error) => void): void
  close(): Promise<void>
  kill(): Promise<void>
}

/** Where the worker's program is: beside this file, as source under tsx or vitest and as a script in a bundle. */
const workerProgram = (given: string | URL | undefined): URL => {
  const named = given ?? process.env['FIO_PGLITE_WORKER']
  if (named instanceof URL) return named
  if (named) return pathToFileURL(named)
  const source = import.meta.url.endsWith('.ts')
  return new URL(source ? './pglite-worker.ts' : './pglite-worker.js', import.meta.url)
}

/**
 * The database lives in WebAssembly's memory; its JavaScript only passes bytes on. Without a limit of its own the worker's young generation
 * would grow as large as the server's, to 128 MiB.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 16 }

class WorkerStream extends Duplex {
  readonly #post: (bytes: Uint8Array) => void
  constructor(post: (bytes: Uint8Array) => void) {
    super()
    this.#post = post
  }
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  override _read(): void {}
  /** The client has said good-bye: nothing more will come from this side either. */
  override _final(done: () => void): void {
    this.push(null)
    done()
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#post(chunk)
    done()
  }
  /** The driver corks parse, bind, describe, execute and sync: they cross to the worker as one message. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#post(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
  }
}

const TERMINATE = 'X'.charCodeAt(0)

/** Starts the worker and opens the database in it. @throws Error when it cannot be opened within `timeoutMs`. */
export const startPglite = async (
  start: WorkerStart,
  options: { timeoutMs: number; worker?: string | URL | undefined },
): Promise<PgliteProcess> => {
  const worker = startWorker(workerProgram(options.worker), { workerData: start, resourceLimits })
  const post = (message: ToWorker): void => worker.postMessage(message)
  const lostListeners: ((why: Error) => void)[] = []
  const waiting: { dumped?: (bytes: Uint8Array) => void; closed?: () => void } = {}
  let current: WorkerStream | null = null
  let over = false
  let lost: Error | null = null

  const lose = (why: Error): void => {
    if (over || lost) return
    lost = why
    current?.destroy(why)
    void worker.terminate()
    for (const listener of lostListeners) listener(why)
  }
  const hear = (message: FromWorker): void => {
    if ('bytes' in message) current?.push(message.bytes)
    else if ('dumped' in message) waiting.dumped?.(message.dumped)
    else if ('closed' in message) waiting.closed?.()
    else if ('failed' in message) lose(new Error(`embedded database: ${message.failed}`))
  }

  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the embedded database did not open within ${options.timeoutMs} ms`))
      void worker.terminate()
    }, options.timeoutMs)
    worker.on('message', (message: FromWorker) => {
      if ('ready' in message) resolve()
      else if ('failed' in message) reject(new Error(message.failed))
      clearTimeout(timer)
      hear(message)
    })
    worker.on('error', error => {
      reject(error)
      lose(error)
    })
    worker.on('exit', code => {
      clearTimeout(timer)
      const why = new Error(`the embedded database's worker ended with ${code}`)
      reject(why)
      lose(why)
      waiting.closed?.()
    })
  })

  return {
    stream: () => {
      const stream = new WorkerStream(bytes => {
        // The client's good-bye would end the only session there is.
        if (bytes[0] !== TERMINATE) post({ bytes })
      })
      current = stream
      return stream
    },
    dump: () =>
      new Promise<Uint8Array>(resolve => {
        waiting.dumped = resolve
        post({ dump: true })
      }),
    onLost: listener => void (lost ? listener(lost) : lostListeners.push(listener)),
    close: async () => {
      if (over || lost) return
      over = true
      await new Promise<void>(resolve => {
        waiting.closed = resolve
        post({ close: true })
      })
      current?.destroy()
      await worker.terminate()
    },
    kill: async () => {
      over = true
      current?.destroy()
      await worker.terminate()
    },
  }
}
