import { createHash } from 'node:crypto'
import type { Look } from '../http/doors.ts'
import type { ChannelHealth, ConnectOptions } from '../providers/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { Vault } from '../vault/port.ts'

/** What a channel said of itself is good for so long: everybody who opens a list of channels would ask it of each. */
export const LOOK_MINUTES = 10

type Account = Pick<ConnectOptions, 'credentials' | 'settings'>
type Kept = { readonly of: string; readonly look: Look<ChannelHealth> }

/** Another token is another question. */
const ofAccount = (account: Account): string =>
  createHash('sha256').update(JSON.stringify(account)).digest('base64url')

/** The last look at each session's channel, for whoever asks next, of whichever process. */
export const keptLooks = (vault: Vault, clock: Clock) => {
  const key = (companyId: string, sessionId: string): string => `${companyId}/${sessionId}`
  return {
    /** `null`: there is none, it is too old, or it was by other credentials. */
    last: async (
      companyId: string,
      sessionId: string,
      account: Account,
    ): Promise<Look<ChannelHealth> | null> => {
      const text = await vault.get('channel-looks', key(companyId, sessionId))
      const kept = text === null ? null : (JSON.parse(text) as Kept)
      if (!kept || kept.of !== ofAccount(account)) return null
      const age = clock.now() - Date.parse(kept.look.at)
      return age < LOOK_MINUTES * 60_000 ? kept.look : null
    },
    keep: async (
      companyId: string,
      sessionId: string,
      account: Account,
      look: Look<ChannelHealth>,
    ): Promise<void> => {
      const kept: Kept = { of: ofAccount(account), look }
      await vault.write([{ put: ['channel-looks', key(companyId, sessionId), JSON.stringify(kept)] }])
    },
  }
}
export type KeptLooks = ReturnType<typeof keptLooks>
