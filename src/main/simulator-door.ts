import { HANDLERS } from '../commands/command.ts'
import { refused, type Refusal } from '../commands/define.ts'
import { messageIdOf } from '../commands/message/inbound-fact.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { SimulatorDoor } from '../http/doors.ts'
import type { Lookups, ReadModels } from '../projections/read-models.ts'
import { SimulatorFault } from '../providers/simulator/fault.ts'
import { simulatedAddress } from '../providers/simulator/party.ts'
import type { SimulatorPhone } from '../providers/simulator/phone.ts'
import type { CompanyId } from '../shared/ids.ts'

type Tools = {
  readonly phone: SimulatorPhone
  readonly readModels: Pick<ReadModels, 'session'> & Pick<Lookups, 'messageByProviderId'>
  tenantKey(companyId: CompanyId): Promise<Buffer>
}

const REFUSAL_OF: Readonly<Record<string, 'session-offline' | 'invalid' | 'not-found'>> = {
  invalid: 'invalid',
  'unknown-message': 'not-found',
}

const refusalOf = (fault: SimulatorFault): Refusal =>
  refused(REFUSAL_OF[fault.code] ?? 'session-offline', fault.message)

/** The virtual phones of simulator sessions, for those who handle tickets in that company. */
export const simulatorDoor = ({ phone, readModels, tenantKey }: Tools): SimulatorDoor => {
  const mayUse = async (who: UserPrincipal, sessionId: string): Promise<Refusal | null> => {
    if (!(HANDLERS as readonly string[]).includes(who.role))
      return refused('forbidden', 'Your role may not do this.')
    const session = await readModels.session(who, sessionId)
    if (!session) return refused('not-found', 'There is no such session.')
    if (session.provider !== 'simulator')
      return refused('not-supported', 'Only simulator sessions have a virtual phone.')
    return null
  }
  const asked = async <T>(
    who: UserPrincipal,
    sessionId: string,
    ask: () => Promise<T>,
  ): Promise<T | Refusal> => {
    const refusal = await mayUse(who, sessionId)
    if (refusal) return refusal
    try {
      return await ask()
    } catch (error) {
      if (error instanceof SimulatorFault) return refusalOf(error)
      throw error
    }
  }
  return {
    inbound: (who, sessionId, message) =>
      asked(who, sessionId, async () => {
        // The network forgets when it restarts; the log does not.
        const known = message.id
          ? await readModels.messageByProviderId(who.companyId, sessionId, message.id)
          : null
        const { messageId, duplicate } = await phone.inbound(sessionId, message)
        const author = { addresses: [simulatedAddress(message.from)] }
        const chat = message.group
          ? { addresses: [{ kind: 'group' as const, value: message.group.id }] }
          : author
        const key = await tenantKey(who.companyId)
        return {
          messageId: messageIdOf(key, sessionId, { chat, author, providerMessageId: messageId }),
          duplicate: duplicate || known !== null,
        }
      }),
    outbound: (who, sessionId, { after, limit }) =>
      asked(who, sessionId, () => phone.outbound(sessionId, after ?? null, limit)),
    ack: async (who, sessionId, { messageId, ack }) =>
      (await asked(who, sessionId, () => phone.ack(sessionId, messageId, ack as never))) ?? null,
    connection: async (who, sessionId, { state }) =>
      (await asked(who, sessionId, () => phone.connection(sessionId, state))) ?? null,
  }
}
