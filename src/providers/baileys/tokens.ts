import type { Chat, SignalDataSet } from '@whiskeysockets/baileys'
import { addressOf } from './jids.ts'
import type { AuthState } from './auth-state.ts'

type Tokens = SignalDataSet['tctoken']

/** The tokens with which people let this number write to them and see them, as the phone shares them; the newer one stays. */
export const keepTokens = async (
  auth: Pick<AuthState, 'keys' | 'lidOfPhone'>,
  chats: readonly Pick<Chat, 'id' | 'tcToken' | 'tcTokenTimestamp'>[],
): Promise<void> => {
  const given: NonNullable<Tokens> = {}
  const commit = auth.keys.begin()
  for (const { id, tcToken, tcTokenTimestamp } of chats) {
    const at = Number(String(tcTokenTimestamp ?? 0))
    const address = id ? addressOf(id) : null
    if (!address || !tcToken?.length || !(at > 0)) continue
    // Under the hidden id where it is known: there Baileys looks for it.
    const lid = address.kind === 'phone' ? await auth.lidOfPhone(address.value) : null
    const jid = lid ? `${lid}@lid` : (id ?? '')
    const known = (await auth.keys.get('tctoken', [jid]))[jid]
    if (Number(known?.timestamp ?? 0) < at)
      given[jid] = { token: Buffer.from(tcToken), timestamp: String(at) }
  }
  if (Object.keys(given).length > 0) await commit({ tctoken: given })
}
