import type { GroupMetadata, WASocket } from '@whiskeysockets/baileys'
import type { Clock } from '../../shared/clock.ts'

/** Groups as they were lately: asked for once, and again when somebody changed them. */
export type Groups = {
  known(jid: string): GroupMetadata | undefined
  name(jid: string): Promise<string | null>
  changed(jid: string, change?: { subject?: string }): void
}

const FRESH_MS = 10 * 60_000
const GROUPS_MAX = 1_000
const ASK_MS_MAX = 5_000

export const createGroups = (
  ask: () => Pick<WASocket, 'groupMetadata'> | null,
  clock: Pick<Clock, 'monotonic' | 'after'>,
): Groups => {
  const cached = new Map<string, { readonly data: GroupMetadata; readonly until: number }>()
  const names = new Map<string, string>()
  const known = (jid: string): GroupMetadata | undefined => {
    const found = cached.get(jid)
    return found && found.until > clock.monotonic() ? found.data : undefined
  }
  const fetched = async (jid: string): Promise<GroupMetadata | null> => {
    const socket = ask()
    if (!socket) return null
    let cancel = (): void => {}
    const late = new Promise<null>(resolve => (cancel = clock.after(ASK_MS_MAX, () => resolve(null))))
    try {
      return await Promise.race([socket.groupMetadata(jid), late])
    } catch {
      return null
    } finally {
      cancel()
    }
  }
  return {
    known,
    name: async jid => {
      const name = names.get(jid)
      if (name !== undefined) return name
      const data = known(jid) ?? (await fetched(jid))
      if (!data) return null
      if (cached.size >= GROUPS_MAX) cached.clear()
      if (names.size >= GROUPS_MAX) names.clear()
      cached.set(jid, { data, until: clock.monotonic() + FRESH_MS })
      names.set(jid, data.subject)
      return data.subject
    },
    changed: (jid, change) => {
      cached.delete(jid)
      if (change?.subject) names.set(jid, change.subject)
    },
  }
}
