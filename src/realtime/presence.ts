import type { Clock } from '../shared/clock.ts'
import type { Peers } from './peers.ts'

/**
 * Who is online, over all processes. Each counts its own sockets and tells the others its logins when they change; in between
 * it says every few seconds that it is there and which version of its list counts. Who missed a list asks for it; who was not
 * heard of for a while is dead, and its logins with it.
 */
export type Presence = {
  /** A socket came in. */
  enter(companyId: string, userId: string): void
  /** A socket went. */
  leave(companyId: string, userId: string): void
  /** Whether the user has a socket at any process. */
  isOnline(companyId: string, userId: string): boolean
  /** The users of the company that are. */
  online(companyId: string): string[]
  close(): void
}

export const HERE_EVERY_MS = 5_000
/** Who is silent for so long is gone. */
export const SILENT_MS_MAX = 15_000
/** Many who come at once are told as one. */
const GATHER_MS = 100

type Other = { version: number; logins: ReadonlySet<string>; heardAt: number }

const keyOf = (companyId: string, userId: string): string => `${companyId}/${userId}`

export const createPresence = (options: {
  /** Absent where there is only this process. */
  readonly peers?: Peers
  readonly clock: Clock
  /** The first socket anywhere came, or the last one went. */
  onChange(companyId: string, userId: string, online: boolean): void
}): Presence => {
  const { peers, clock, onChange } = options
  const sockets = new Map<string, number>()
  const others = new Map<string, Other>()
  /** At how many processes each login has sockets. */
  const places = new Map<string, number>()
  let version = 0
  let cancelTelling: (() => void) | null = null

  const count = (key: string, by: 1 | -1): void => {
    const now = (places.get(key) ?? 0) + by
    if (now > 0) places.set(key, now)
    else places.delete(key)
    if (now !== (by === 1 ? 1 : 0)) return
    const [companyId = '', userId = ''] = key.split('/')
    onChange(companyId, userId, by === 1)
  }
  const tell = (): void => {
    cancelTelling?.()
    cancelTelling = null
    peers?.say({ t: 'logins', node: peers.node, version, logins: [...sockets.keys()] })
  }
  const changed = (): void => {
    version += 1
    if (peers) cancelTelling ??= clock.after(GATHER_MS, tell)
  }
  const hear = (node: string, next: Other | null): void => {
    const before = others.get(node)?.logins ?? new Set()
    if (next) others.set(node, next)
    else others.delete(node)
    const after = next?.logins ?? new Set<string>()
    for (const key of after) if (!before.has(key)) count(key, 1)
    for (const key of before) if (!after.has(key)) count(key, -1)
  }

  peers?.onWord(word => {
    if (word.t === 'ask') return tell()
    if (word.t === 'gone') return hear(word.node, null)
    if (word.t === 'logins')
      return hear(word.node, {
        version: word.version,
        logins: new Set(word.logins),
        heardAt: clock.monotonic(),
      })
    if (word.t !== 'here') return
    const known = others.get(word.node)
    if (known) known.heardAt = clock.monotonic()
    if (known?.version !== word.version) peers.say({ t: 'ask', node: peers.node })
  })
  const beat = (): void => {
    for (const [node, { heardAt }] of others)
      if (clock.monotonic() - heardAt > SILENT_MS_MAX) hear(node, null)
    if (cancelTelling === null) peers?.say({ t: 'here', node: peers.node, version })
    cancelBeat = clock.after(HERE_EVERY_MS, beat)
  }
  let cancelBeat = (): void => undefined
  if (peers) {
    peers.say({ t: 'ask', node: peers.node })
    cancelBeat = clock.after(HERE_EVERY_MS, beat)
  }

  return {
    enter: (companyId, userId) => {
      const key = keyOf(companyId, userId)
      const before = sockets.get(key) ?? 0
      sockets.set(key, before + 1)
      if (before > 0) return
      count(key, 1)
      changed()
    },
    leave: (companyId, userId) => {
      const key = keyOf(companyId, userId)
      const left = (sockets.get(key) ?? 1) - 1
      if (left > 0) return void sockets.set(key, left)
      sockets.delete(key)
      count(key, -1)
      changed()
    },
    isOnline: (companyId, userId) => places.has(keyOf(companyId, userId)),
    online: companyId =>
      [...places.keys()]
        .filter(key => key.startsWith(`${companyId}/`))
        .map(key => key.slice(companyId.length + 1)),
    close: () => {
      cancelBeat()
      cancelTelling?.()
      peers?.say({ t: 'gone', node: peers.node })
    },
  }
}
