import type { Log } from '../shared/log.ts'
import { MalwareFound } from './port.ts'
import { ScanUnavailable, startScan, type ClamdAddress, type ClamdTimeouts, type Scan } from './clamd.ts'

/** Hands a file through while a scanner looks at it; ends only once the scanner has nothing against it. */
export type ScanMedia = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** Where no scanner is set. */
export const unscanned: ScanMedia = bytes => bytes

type Options = {
  readonly address: ClamdAddress
  /** While the scanner cannot be asked, files are taken all the same, and that is logged. Otherwise none is. */
  readonly failOpen: boolean
  readonly log: Pick<Log, 'warn'>
  readonly timeouts?: ClamdTimeouts
}

export const createScanMedia = ({ address, failOpen, log, timeouts }: Options): ScanMedia => {
  /** What `work` answers, or `null` where the file goes on unseen. */
  const asked = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (err) {
      if (!failOpen || !(err instanceof ScanUnavailable)) throw err
      log.warn({ err }, 'a file was taken without being scanned for malware')
      return null
    }
  }
  const shown = async (scan: Scan, piece: Uint8Array): Promise<Scan | null> => {
    if ((await asked(async () => (await scan.add(piece), true))) !== null) return scan
    scan.end()
    return null
  }

  return async function* scanned(bytes) {
    let scan = await asked(() => startScan(address, timeouts))
    try {
      for await (const piece of bytes) {
        if (scan) scan = await shown(scan, piece)
        yield piece
      }
      const last = scan
      const verdict = last && (await asked(() => last.verdict()))
      if (verdict && !verdict.clean) throw new MalwareFound(verdict.found)
    } finally {
      scan?.end()
    }
  }
}
