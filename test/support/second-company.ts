import { createDirectory } from '../../src/actors/directory.ts'
import { isRefusal } from '../../src/commands/define.ts'
import { commandHandler } from '../../src/commands/handle.ts'
import type { CommandTools } from '../../src/commands/tools.ts'
import type { Config } from '../../src/config.ts'
import { createPasswords } from '../../src/http/passwords.ts'
import { vaultAccounts } from '../../src/main/accounts.ts'
import { openGround } from '../../src/main/ground.ts'
import { systemClock } from '../../src/shared/clock.ts'
import { newId, type CompanyId } from '../../src/shared/ids.ts'
import { silentLog } from '../../src/shared/log.ts'
import { dataKeys } from '../../src/vault/data-keys.ts'

/** There is no API for companies yet: another one is made through the door before the server starts. */
export const foundCompany = async (
  config: Config,
  name: string,
  admin: { readonly email: string; readonly password: string },
): Promise<void> => {
  const ground = await openGround(config, systemClock, silentLog)
  const keys = dataKeys(ground.vault, { cacheMax: 10, clock: systemClock })
  const directory = createDirectory({
    store: ground.store,
    keys,
    clock: systemClock,
    log: silentLog,
    stop: new AbortController().signal,
    writer: '',
  })
  const passwords = createPasswords(ground.vault)
  const accounts = vaultAccounts(ground.vault, {
    setPassword: passwords.set,
    revokeAll: () => Promise.resolve(),
  })
  const door = commandHandler({ directory, accounts, clock: systemClock } as CommandTools)
  const who = {
    kind: 'system',
    companyId: newId<CompanyId>(),
    actor: { kind: 'system', id: 'test' },
  } as const
  const ask = async (command: string, input: object): Promise<void> => {
    const answer = await door.ask(who, command, input, { correlationId: 'test' })
    if (isRefusal(answer)) throw new Error(answer.detail)
  }
  await ask('company.create', { name, locale: 'en', timeZone: 'UTC' })
  await ask('user.create', { ...admin, name: `${name}’s admin`, role: 'admin', queueIds: [] })
  await ground.close()
}
