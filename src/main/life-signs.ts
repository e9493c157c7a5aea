import type { LifeSign, LifeSigns } from '../reactions/life-signs.ts'
import type { Vault } from '../vault/port.ts'

/** When each session was last seen connected, in the vault: one write for all of a process. */
export const vaultLifeSigns = (vault: Vault): LifeSigns => ({
  note: (sessions, at) =>
    vault.write(
      sessions.map(
        ({ companyId, sessionId, ...sign }) =>
          ({ put: ['life-signs', `${companyId}/${sessionId}`, JSON.stringify({ ...sign, at })] }) as const,
      ),
    ),
  last: async (companyId, sessionId) => {
    const text = await vault.get('life-signs', `${companyId}/${sessionId}`)
    return text === null ? null : (JSON.parse(text) as LifeSign)
  },
})
