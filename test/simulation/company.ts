import { isRefusal } from '../../src/commands/define.ts'
import type { Role } from '../../src/events/company.ts'
import type { Principal, SystemPrincipal, UserPrincipal } from '../../src/events/principal.ts'
import { derivedId, type CompanyId, type QueueId, type UserId } from '../../src/shared/ids.ts'
import type { Chance } from './chance.ts'
import type { SimulatedNode } from './node.ts'

const REOPEN = ['reopen', 'new', 'same-agent'] as const

/** A company with two queues, one or two sessions that are wanted, and the people who answer. */
export const foundCompany = async (
  node: SimulatedNode,
  companyId: CompanyId,
  chance: Chance,
  known: (sessionId: string) => void,
): Promise<{ readonly sessionIds: readonly string[]; readonly people: readonly UserPrincipal[] }> => {
  const system: SystemPrincipal = { kind: 'system', companyId, actor: { kind: 'system', id: 'simulation' } }
  const user = (name: string, role: Role, ...queueIds: string[]): UserPrincipal => ({
    kind: 'user',
    companyId,
    userId: derivedId<UserId>('user', name),
    role,
    queueIds: queueIds as QueueId[],
  })
  const done = async (who: Principal, command: string, input: unknown): Promise<string> => {
    const answer = await node.door.ask(who, command, input, { correlationId: 'simulation' })
    if (isRefusal(answer)) throw new Error(`${command}: ${answer.refused}: ${answer.detail}`)
    return answer.id
  }
  await done(system, 'company.create', { name: 'Acme', locale: 'en', timeZone: 'UTC' })
  const admin = user('admin', 'admin')
  const sales = await done(admin, 'queue.create', { name: 'Sales', color: '#00aa55' })
  const support = await done(admin, 'queue.create', { name: 'Support', color: '#0055aa' })
  const sessionIds: string[] = []
  for (let n = 0, count = 1 + chance.int(2); n < count; n++) {
    const id = await done(admin, 'session.create', {
      name: `Line ${n}`,
      provider: 'simulator',
      queueIds: chance.pick([[sales], [support], [sales, support]]),
      settings: { reopenPolicy: chance.pick(REOPEN), reopenMinutes: chance.pick([0, 1, 120]) },
    })
    known(id)
    await done(admin, 'session.start', { id })
    sessionIds.push(id)
  }
  const people = [
    admin,
    user('ana', 'agent', sales, support),
    user('bob', 'agent', sales, support),
    user('lead', 'supervisor', sales, support),
  ]
  return { sessionIds, people }
}
