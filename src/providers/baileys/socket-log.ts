import type { Log } from '../../shared/log.ts'

type SaidBy = { level: string; child(): SaidBy } & Record<
  'trace' | 'debug' | 'info' | 'warn' | 'error',
  (what: unknown, text?: string) => void
>

const reasonOf = (what: unknown): string | undefined => {
  if (what instanceof Error) return what.message
  if (!what || typeof what !== 'object') return undefined
  const { err, error } = what as { err?: unknown; error?: unknown }
  for (const one of [err, error]) if (one instanceof Error) return one.message
  return undefined
}

/** Baileys' log lines without what they hang on them: stanzas, keys and credentials. */
export const socketLog = (log: Log): SaidBy => {
  const silent = (): void => {}
  const said = (what: unknown, text: string | undefined): void => {
    const line = typeof what === 'string' ? what : (text ?? 'something')
    log.debug({ said: line, reason: reasonOf(what) }, 'Baileys said something')
  }
  const one: SaidBy = {
    level: 'warn',
    child: () => one,
    trace: silent,
    debug: silent,
    info: silent,
    warn: said,
    error: said,
  }
  return one
}
