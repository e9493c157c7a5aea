import { pino } from 'pino'
import { silentLog, type Log } from '../../src/shared/log.ts'

/** What happened, step by step: always as one number, the last lines in words, all of them if somebody asks. */
export type Trace = {
  readonly pino: Log
  note(now: number, label: string): void
  /** Of everything that happened: two runs of one seed must come to the same. */
  hash(): string
  lines(): readonly string[]
}

const LINES_KEPT = 60

export const createTrace = (whole: boolean): Trace => {
  let hash = 0x811c9dc5
  const lines: string[] = []
  const mix = (text: string): void => {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  const say = (line: string): void => {
    lines.push(line)
    if (!whole && lines.length > 2 * LINES_KEPT) lines.splice(0, LINES_KEPT)
  }
  let now = 0
  return {
    pino: whole
      ? pino(
          { base: null, timestamp: false, level: 'info' },
          { write: (line: string) => say(`${time(now)}     ${line.slice(0, 400).trimEnd()}`) },
        )
      : silentLog,
    note: (at, label) => {
      now = at
      mix(label)
      mix(String(at))
      say(`${time(at)} ${label}`)
    },
    hash: () => (hash >>> 0).toString(16).padStart(8, '0'),
    lines: () => (whole ? lines : lines.slice(-LINES_KEPT)),
  }
}

const time = (ms: number): string => `${(ms / 1000).toFixed(3).padStart(10)}`
