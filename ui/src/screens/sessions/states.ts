import type { Session } from '../../api/index.ts'

type Status = Session['status']

const RUNNING: readonly Status[] = ['connecting', 'awaiting-scan', 'syncing', 'connected', 'reconnecting']
export const isRunning = (session: Session): boolean => RUNNING.includes(session.status)

/** States in which nothing goes on until a person starts it. */
export const ENDS = [
  'stopped',
  'logged-out',
  'replaced',
  'restricted',
  'failed',
] as const satisfies readonly Status[]

/** The way from nothing to messages. Only who links by phone waits for one and loads its account. */
export const wayOf = (provider: Session['provider']): readonly Status[] =>
  provider === 'baileys'
    ? ['created', 'connecting', 'awaiting-scan', 'syncing', 'connected', 'reconnecting']
    : ['created', 'connecting', 'connected', 'reconnecting']

const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  created: ['connecting'],
  connecting: ['awaiting-scan', 'syncing', 'connected', 'reconnecting', ...ENDS],
  'awaiting-scan': ['syncing', 'connected', 'reconnecting', ...ENDS],
  syncing: ['connected', 'reconnecting', ...ENDS],
  connected: ['reconnecting', ...ENDS],
  reconnecting: ['awaiting-scan', 'syncing', 'connected', ...ENDS],
  stopped: ['connecting'],
  'logged-out': ['connecting'],
  replaced: ['connecting'],
  restricted: ['connecting'],
  failed: ['connecting'],
  removed: [],
}

/** What it can become from where it is, as far as this channel knows such states. */
export const nextStates = ({ provider, status }: Session): readonly Status[] => {
  const known: readonly Status[] = [...wayOf(provider), ...ENDS]
  return NEXT[status].filter(state => known.includes(state))
}

export type StateGroup = 'on' | 'busy' | 'off'
/** What an admin looks for on a page of many numbers. */
export const groupOf = (session: Session): StateGroup =>
  session.status === 'connected' ? 'on' : isRunning(session) ? 'busy' : 'off'

/** Channels that Meta delivers to, at an address that has to be given to it. */
export const hasWebhook = ({ provider }: Pick<Session, 'provider'>): boolean =>
  provider === 'cloud' || provider === 'messenger' || provider === 'instagram'

/** What needs a person comes first, what works by itself last. */
const TROUBLE: Readonly<Record<Status, number>> = {
  restricted: 0,
  failed: 0,
  replaced: 0,
  'logged-out': 0,
  reconnecting: 1,
  'awaiting-scan': 2,
  connecting: 3,
  syncing: 3,
  stopped: 5,
  created: 5,
  connected: 6,
  removed: 7,
}
/** Connected, but the channel holds something against it. */
const UNWELL = 4

/** Sorted for whoever looks after many numbers: by trouble, then by name. `unwell`: what the channel says of it is bad. */
export const byTrouble = (
  sessions: readonly Session[],
  unwell: (session: Session) => boolean,
): readonly Session[] => {
  const rank = (session: Session) => Math.min(TROUBLE[session.status], unwell(session) ? UNWELL : Infinity)
  return [...sessions].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}
