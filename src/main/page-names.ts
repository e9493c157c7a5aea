import type { Door } from '../commands/define.ts'
import type { PageDirectory } from '../providers/meta/page-directory.ts'
import type { InboundItem } from '../providers/provider.ts'
import { newId, type CompanyId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'

/**
 * Messenger and Instagram do not say with a message how its writer is called. It is asked for once the message is durable,
 * and nobody waits for it: who has no name yet is shown without one.
 */
export const notePageNames = async (
  tools: { readonly door: Door; readonly directory: PageDirectory; readonly log: Log },
  session: { readonly companyId: CompanyId; readonly sessionId: string; readonly token: string },
  items: readonly InboundItem[],
): Promise<void> => {
  const { companyId, sessionId, token } = session
  const people = items.flatMap(item =>
    item.item === 'message' && item.message.type === 'message' && !item.message.fromMe
      ? item.message.author.addresses.filter(({ kind }) => kind === 'psid').map(({ value }) => value)
      : [],
  )
  for (const value of new Set(people)) {
    const name = await tools.directory.nameOf(token, value)
    if (name === null) continue
    await tools.door.ask(
      { kind: 'system', companyId, actor: { kind: 'channel', id: sessionId } },
      'contact.noteProfile',
      { addresses: [{ kind: 'psid', value }], name: name.slice(0, 512) },
      { correlationId: newId<string>() },
    )
  }
}
