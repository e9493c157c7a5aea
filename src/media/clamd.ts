import { connect, type Socket } from 'node:net'

/**
 * A file is shown to clamd (ClamAV's daemon) while it is stored: `zINSTREAM`, pieces with their length before them, an
 * empty piece, then the answer. Nothing is held, and the store keeps nothing before the answer is there.
 */
export type ClamdAddress = { readonly host: string; readonly port: number }
export type Verdict = { readonly clean: true } | { readonly clean: false; readonly found: string }

/** clamd does not answer, or answered something else than what it found. */
export class ScanUnavailable extends Error {
  constructor(detail: string, options?: ErrorOptions) {
    super(`the malware scanner: ${detail}`, options)
    this.name = 'ScanUnavailable'
  }
}

export type ClamdTimeouts = {
  readonly connectMs: number
  readonly pieceMs: number
  readonly verdictMs: number
}
/** clamd itself gives up a scan after two minutes. */
const TIMEOUTS: ClamdTimeouts = { connectMs: 5_000, pieceMs: 30_000, verdictMs: 130_000 }
const ANSWER_BYTES_MAX = 4_096
const NAME_LENGTH_MAX = 100

/** One file under the scanner's eyes. Every step throws `ScanUnavailable` where the scanner does not follow. */
export type Scan = {
  add(piece: Uint8Array): Promise<void>
  verdict(): Promise<Verdict>
  /** Whatever happens to the file: the line is closed. */
  end(): void
}

const verdictIn = (answer: string): Verdict => {
  const said = answer.replace(/\0.*$/s, '').trim()
  if (said === 'stream: OK') return { clean: true }
  const [, found] = /^stream: (.+) FOUND$/.exec(said) ?? []
  if (found === undefined)
    throw new ScanUnavailable(said === '' ? 'no answer' : said.slice(0, NAME_LENGTH_MAX))
  return { clean: false, found: found.replace(/[^\w.:+()-]/g, '').slice(0, NAME_LENGTH_MAX) }
}

const framed = (piece: Uint8Array): Buffer => {
  const bytes = Buffer.allocUnsafe(4 + piece.byteLength)
  bytes.writeUInt32BE(piece.byteLength)
  bytes.set(piece, 4)
  return bytes
}

/** @throws ScanUnavailable */
export const startScan = async (address: ClamdAddress, timeouts = TIMEOUTS): Promise<Scan> => {
  const socket = connect(address)
  let answer = ''
  let over: ScanUnavailable | null = null
  const ended = new Promise<void>(resolve => {
    socket.on('error', error => {
      over ??= new ScanUnavailable(error.message, { cause: error })
    })
    socket.on('close', () => resolve())
  })
  socket.on('data', bytes => {
    answer += bytes.toString('latin1')
    if (answer.length > ANSWER_BYTES_MAX) socket.destroy()
  })

  const within = async (ms: number, what: string, work: Promise<unknown>): Promise<void> => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ScanUnavailable(`${what} took more than ${ms} ms`)), ms)
    })
    try {
      await Promise.race([work, late])
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
  /** Closed before its answer: what it said, if anything, is the reason. */
  const broken = (): ScanUnavailable => {
    const said = answer.replaceAll('\0', '').trim()
    return said === '' ? (over ?? new ScanUnavailable('it hung up')) : new ScanUnavailable(said)
  }
  const written = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(broken())
      socket.write(bytes, error => (error ? reject(broken()) : resolve()))
    })

  await within(timeouts.connectMs, 'connecting', Promise.race([connected(socket), ended]))
  if (socket.destroyed) throw broken()
  await within(timeouts.pieceMs, 'taking a file', written(Buffer.from('zINSTREAM\0')))
  return {
    add: piece =>
      piece.byteLength === 0
        ? Promise.resolve()
        : within(timeouts.pieceMs, 'taking a piece', written(framed(piece))),
    verdict: async () => {
      await within(timeouts.pieceMs, 'taking the end', written(Buffer.alloc(4)))
      await within(timeouts.verdictMs, 'the answer', Promise.race([answered(socket, () => answer), ended]))
      if (answer === '') throw broken()
      return verdictIn(answer)
    },
    end: () => void socket.destroy(),
  }
}

const connected = (socket: Socket): Promise<void> =>
  new Promise(resolve => {
    socket.once('connect', () => resolve())
  })

const answered = (socket: Socket, soFar: () => string): Promise<void> =>
  new Promise(resolve => {
    const look = (): void => {
      if (soFar().includes('\0')) resolve()
    }
    socket.on('data', look)
    look()
  })
