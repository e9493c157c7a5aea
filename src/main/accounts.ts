import type { Auth } from '../http/auth.ts'
import type { Accounts, SessionSecrets } from '../commands/tools.ts'
import type { SessionCredentials } from '../providers/provider.ts'
import type { CompanyId } from '../shared/ids.ts'
import type { Vault, VaultWrite } from '../vault/port.ts'
import { dropSessionStore } from './session-store.ts'

type Entry = { companyId: string; userId: string }
const entriesOf = (text: string | null): Entry[] => (text === null ? [] : (JSON.parse(text) as Entry[]))

/** Users as the vault knows them: how an e-mail leads to them, and their passwords. */
export const vaultAccounts = (vault: Vault, auth: Pick<Auth, 'setPassword' | 'revokeAll'>): Accounts => ({
  claimEmail: async (email, companyId, userId) => {
    const after = await vault.update('emails', email, text => {
      const entries = entriesOf(text)
      if (entries.some(entry => entry.companyId === companyId)) return undefined
      return JSON.stringify([...entries, { companyId, userId }])
    })
    return entriesOf(after).some(entry => entry.companyId === companyId && entry.userId === userId)
  },
  releaseEmail: async (email, companyId, userId) => {
    await vault.update('emails', email, text => {
      const rest = entriesOf(text).filter(entry => entry.companyId !== companyId || entry.userId !== userId)
      return rest.length > 0 ? JSON.stringify(rest) : null
    })
  },
  setPassword: (companyId, userId, password) => auth.setPassword(companyId, userId, password),
  revokeLogins: (companyId, userId) => auth.revokeAll(companyId, userId),
})

/** What a session may be given as its number's id; a delivery may name anything, which then is nobody's. */
const NUMBER_ID = /^[\w-]{1,64}$/
const numberKey = (companyId: string, phoneNumberId: string): string => `phone/${companyId}/${phoneNumberId}`

/** Sessions as the vault knows them: their secrets, whose they are, and which one a business number belongs to. */
export type VaultSessions = SessionSecrets & {
  credentials(companyId: string, sessionId: string): Promise<SessionCredentials>
  companyOf(sessionId: string): Promise<CompanyId | null>
  /** Within the company: another tenant cannot take somebody's deliveries by naming their number. */
  sessionOfNumber(companyId: string, phoneNumberId: string): Promise<string | null>
}

export const vaultSessions = (vault: Vault): VaultSessions => {
  const key = (companyId: string, sessionId: string): string => `${companyId}/${sessionId}`
  const credentials = async (companyId: string, sessionId: string): Promise<SessionCredentials> =>
    JSON.parse((await vault.get('session-secrets', key(companyId, sessionId))) ?? '{}') as SessionCredentials
  const sessionOfNumber = async (companyId: string, phoneNumberId: string): Promise<string | null> =>
    NUMBER_ID.test(phoneNumberId) ? vault.get('session-directory', numberKey(companyId, phoneNumberId)) : null
  return {
    credentials,
    put: async (companyId, sessionId, secrets, phoneNumberId) => {
      const merged = { ...(await credentials(companyId, sessionId)), ...secrets }
      const writes: VaultWrite[] = [
        { put: ['session-secrets', key(companyId, sessionId), JSON.stringify(merged)] },
        { put: ['session-directory', sessionId, companyId] },
        ...(phoneNumberId
          ? [{ put: ['session-directory', numberKey(companyId, phoneNumberId), sessionId] } as const]
          : []),
      ]
      await vault.write(writes)
    },
    remove: async (companyId, sessionId, phoneNumberId) => {
      const writes: VaultWrite[] = [
        { remove: ['session-secrets', key(companyId, sessionId)] },
        { remove: ['channel-looks', key(companyId, sessionId)] },
        { remove: ['life-signs', key(companyId, sessionId)] },
        { remove: ['pairing-requests', sessionId] },
        { remove: ['session-directory', sessionId] },
        ...(phoneNumberId && (await sessionOfNumber(companyId, phoneNumberId)) === sessionId
          ? [{ remove: ['session-directory', numberKey(companyId, phoneNumberId)] } as const]
          : []),
      ]
      await vault.write(writes)
      await dropSessionStore(vault, companyId, sessionId)
    },
    unpair: (companyId, sessionId) => dropSessionStore(vault, companyId, sessionId),
    companyOf: async sessionId => (await vault.get('session-directory', sessionId)) as CompanyId | null,
    sessionOfNumber,
  }
}
