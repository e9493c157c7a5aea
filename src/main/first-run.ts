import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { isRefusal, type Answer, type Door } from '../commands/define.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import type { Auth } from '../http/auth.ts'
import type { Lease, Leases } from '../jobs/lease.ts'
import { derivedId, type CompanyId } from '../shared/ids.ts'
import type { Vault } from '../vault/port.ts'

/** The installation's first company always has the same id, so that a first run that was cut short goes on. */
const FIRST_COMPANY = derivedId<CompanyId>('company', 'first')
const DONE = 'first-run'
const LEASE = 'first-run'
const PASSWORD_BYTES = 15

export type FirstRun = { readonly email: string; readonly password: string | null }

type FirstRunTools = {
  readonly door: Door
  readonly vault: Vault
  readonly leases: Pick<Leases, 'acquire' | 'whenFree'>
  readonly auth: Pick<Auth, 'setPassword'>
  readonly config: Pick<Config, 'adminEmail' | 'adminPassword'>
}

/**
 * Makes the first company and its super-admin, once. Answers what to tell the person at the console (`password` is
 * `null` when it was given by the environment), or `null` when there is nothing to tell.
 */
export const firstRun = async (tools: FirstRunTools): Promise<FirstRun | null> => {
  const { vault, leases } = tools
  for (;;) {
    if (await vault.get('installation', DONE)) return null
    const lease = await leases.acquire(LEASE)
    if (lease) return doFirstRun(tools, lease)
    // Another process does it. Should it die of it, this one goes on where it was.
    await new Promise<void>(resolve => leases.whenFree(LEASE, resolve))
  }
}

const doFirstRun = async (tools: FirstRunTools, lease: Lease): Promise<FirstRun | null> => {
  const { door, vault, config } = tools
  try {
    if (await vault.get('installation', DONE)) return null
    const who: SystemPrincipal = {
      kind: 'system',
      companyId: FIRST_COMPANY,
      actor: { kind: 'system', id: 'first-run' },
    }
    const password = config.adminPassword ?? randomBytes(PASSWORD_BYTES).toString('base64url')
    const ask = async (command: string, input: unknown): Promise<Answer> => {
      const answer = await door.ask(who, command, input, { key: 'first-run', correlationId: 'first-run' })
      if (isRefusal(answer)) throw new Error(`the first run could not ${command}: ${answer.detail}`)
      return answer
    }
    await ask('company.create', { name: 'Fio', locale: 'pt-BR', timeZone: 'America/Sao_Paulo' })
    const user = await ask('user.create', {
      name: 'Admin',
      email: config.adminEmail,
      password,
      role: 'super-admin',
      queueIds: [],
      locale: 'pt-BR',
    })
    // A first run that was cut short after the user was made printed no password, or another one.
    if (user.duplicate) await tools.auth.setPassword(FIRST_COMPANY, user.id, password)
    await vault.write([{ put: ['installation', DONE, new Date().toISOString()] }])
    return { email: config.adminEmail, password: config.adminPassword ? null : password }
  } finally {
    await lease.release()
  }
}
