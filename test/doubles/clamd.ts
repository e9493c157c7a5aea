import { createServer, type AddressInfo, type Socket } from 'node:net'

/** What every scanner is tried with; it is harmless, and written so that no scanner stumbles over this very file. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

type Behaviour = 'answers' | 'silent' | 'hangs-up' | 'over-its-limit'

/** Speaks clamd's INSTREAM over a real socket, and finds the test file that every scanner knows. */
export const startClamd = async () => {
  let behaviour: Behaviour = 'answers'
  const sizes: number[] = []
  const open = new Set<Socket>()

  const serve = async (socket: Socket): Promise<void> => {
    let held = Buffer.alloc(0)
    const pieces: Buffer[] = []
    let greeted = false
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      held = Buffer.concat([held, chunk])
      if (!greeted) {
        if (held.length < 10) continue
        if (held.toString('latin1', 0, 10) !== 'zINSTREAM\0') return void socket.end('UNKNOWN COMMAND\0')
        held = held.subarray(10)
        greeted = true
        if (behaviour === 'hangs-up') return void socket.destroy()
        if (behaviour === 'over-its-limit') return void socket.end('INSTREAM size limit exceeded. ERROR\0')
      }
      while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
        const length = held.readUInt32BE(0)
        pieces.push(held.subarray(4, 4 + length))
        held = held.subarray(4 + length)
        if (length > 0) continue
        const whole = Buffer.concat(pieces)
        sizes.push(whole.length)
        if (behaviour === 'silent') break
        return void socket.end(
          whole.includes(EICAR) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0',
        )
      }
    }
  }
  const server = createServer(socket => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    serve(socket).catch(() => socket.destroy())
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    address: { host: '127.0.0.1', port },
    url: `tcp://127.0.0.1:${port}`,
    /** Bytes of each file that was shown to it whole. */
    sizes,
    lines: () => open.size,
    behave: (next: Behaviour) => {
      behaviour = next
    },
    close: () =>
      new Promise<void>(resolve => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
