import type { SessionStore } from '../providers/provider.ts'
import type { Vault, VaultWrite } from '../vault/port.ts'

const SPACE = 'channel-keys'
const prefixOf = (companyId: string, sessionId: string): string => `${companyId}/${sessionId}/`

/**
 * A session's drawer in the vault for the owner with this fence (the revision of `session.owned`). Opening it shuts out
 * every owner before: their commits fail from then on. @throws Error when a later owner has opened it already.
 */
export const openSessionStore = async (
  vault: Vault,
  companyId: string,
  sessionId: string,
  fence: number,
): Promise<SessionStore> => {
  const place = `${companyId}/${sessionId}`
  const mine = String(fence)
  const held = await vault.update('channel-fences', place, current =>
    current !== null && Number(current) >= fence ? undefined : mine,
  )
  const lost = () => new Error(`session ${sessionId} belongs to another owner by now`)
  if (held !== mine) throw lost()
  const prefix = prefixOf(companyId, sessionId)
  return {
    get: async keys => {
      const found = await vault.getMany(
        SPACE,
        keys.map(key => prefix + key),
      )
      return new Map([...found].map(([key, value]) => [key.slice(prefix.length), value]))
    },
    commit: async changes => {
      const writes = [...changes].map(([key, value]): VaultWrite =>
        value === null ? { remove: [SPACE, prefix + key] } : { put: [SPACE, prefix + key, value] },
      )
      if (!(await vault.writeIf(['channel-fences', place, mine], writes))) throw lost()
    },
    keys: async start => (await vault.keys(SPACE, prefix + start)).map(key => key.slice(prefix.length)),
  }
}

/** Nobody can use the session's keys any more: its drawer is emptied, and whoever still had it open is shut out. */
export const dropSessionStore = async (vault: Vault, companyId: string, sessionId: string): Promise<void> => {
  await vault.write([{ remove: ['channel-fences', `${companyId}/${sessionId}`] }])
  const keys = await vault.keys(SPACE, prefixOf(companyId, sessionId))
  if (keys.length > 0) await vault.write(keys.map(key => ({ remove: [SPACE, key] }) as const))
}
