import type { Connection, Submittable } from 'pg'

/**
 * `copy … from stdin` by hand: the driver can neither send nor ask for it, yet the protocol is three messages. All three
 * leave in one write, without waiting for the server's "go on": it drops rows that follow a refused statement, so the
 * answer is right either way, and PGlite, which computes one message at a time, can take it only so.
 *
 *   Query 'copy t (a, b) from stdin' │ CopyData … │ CopyDone        ▶   CopyInResponse │ CommandComplete │ ReadyForQuery
 */

const HEADER_BYTES = 5
const LENGTH_BYTES = 4
/** One CopyData message; the server reads a message whole before it looks at it. */
const CHUNK_BYTES_MAX = 1024 * 1024

const message = (type: string, body: Buffer): Buffer => {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  bytes.write(type, 0, 'latin1')
  bytes.writeInt32BE(LENGTH_BYTES + body.length, 1)
  body.copy(bytes, HEADER_BYTES)
  return bytes
}

const copyMessages = (statement: string, rows: Buffer): Buffer => {
  const parts = [message('Q', Buffer.from(`${statement}\0`))]
  for (let at = 0; at < rows.length; at += CHUNK_BYTES_MAX)
    parts.push(message('d', rows.subarray(at, at + CHUNK_BYTES_MAX)))
  parts.push(message('c', Buffer.alloc(0)))
  return Buffer.concat(parts)
}

/** A `copy … from stdin` with its rows, as `pg`'s `client.query` takes it. `done` resolves, or rejects with SQLSTATE. */
export class CopyIn implements Submittable {
  readonly done: Promise<void>
  readonly #bytes: Buffer
  #resolve: () => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  #failed: Error | null = null

  constructor(statement: string, rows: Buffer) {
    this.#bytes = copyMessages(statement, rows)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }
  submit = (connection: Connection): void => {
    connection.stream.write(this.#bytes)
  }
  handleCopyInResponse(): void {}
  handleCommandComplete(): void {}
  /** The server says why and then that it is ready; a broken connection says only the first. */
  handleError(error: Error): void {
    this.#failed = error
    this.#reject(error)
  }
  handleReadyForQuery(): void {
    if (!this.#failed) this.#resolve()
  }
}
