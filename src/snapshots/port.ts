/**
 * Where snapshots of actors are kept: bytes under the name of a stream. Disposable: never truth. Whoever reads them
 * checks them and does without when they are missing, cut or old, so nothing here is made durable.
 */
export type Snapshots = {
  readonly name: 'embedded' | 'postgres'
  /** The latest bytes put under this name, or `null`. May reject, or answer bytes that are not those that were put. */
  get(stream: string): Promise<Buffer | null>
  put(stream: string, bytes: Buffer): Promise<void>
  /** Gone for good when it resolves. Nothing happens for a name that is not there. */
  remove(stream: string): Promise<void>
  close(): Promise<void>
}
