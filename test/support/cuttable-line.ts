import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A wire between a browser and the server that a test can cut. */
export type CuttableLine = {
  readonly port: number
  readonly url: string
  /** Where what comes in goes to. */
  to(port: number): void
  /** Ends every connection, and refuses new ones until `restore`. */
  cut(): void
  restore(): void
  close(): Promise<void>
}

const HOST = '127.0.0.1'

export const startCuttableLine = async (): Promise<CuttableLine> => {
  const open = new Set<Socket>()
  let whole = true
  let target = 0
  const keep = (socket: Socket): Socket => {
    open.add(socket)
    // A socket that breaks takes its partner with it; there is nobody to tell.
    return socket.on('error', () => undefined).on('close', () => open.delete(socket))
  }
  const server = createServer(near => {
    if (!whole) return void near.destroy()
    const far = keep(connect(target, HOST))
    keep(near).pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  const cut = (): void => {
    whole = false
    for (const socket of open) socket.destroy()
  }
  await new Promise<void>(resolve => server.listen(0, HOST, resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${HOST}:${port}`,
    to: port => void (target = port),
    cut,
    restore: () => void (whole = true),
    close: () => {
      cut()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}
