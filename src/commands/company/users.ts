import { z } from 'zod'
import { userKind } from '../../actors/company/chart.ts'
import { roleSchema, type Role } from '../../events/company.ts'
import type { Principal } from '../../events/principal.ts'
import { answerOf, remembers, type Act } from '../act.ts'
import { ADMINS, command } from '../command.ts'
import { refused, type Refusal } from '../define.ts'

/** The shortest and longest passwords that are taken (argon2id has no use for more). */
export const PASSWORD_LENGTH_MIN = 10
export const PASSWORD_LENGTH_MAX = 256

const password = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX)
const email = z
  .email()
  .max(254)
  .transform(text => text.trim().toLowerCase())
const name = z.string().trim().min(1).max(120)
const locale = z.enum(['pt-BR', 'en', 'es'])
const queueIds = z.array(z.uuid()).max(200)

/** Only a super-admin makes another one. */
const mayGive = (who: Principal, role: Role | undefined): boolean =>
  role !== 'super-admin' || who.kind === 'system' || who.role === 'super-admin'

const forbiddenRole = (): Refusal => refused('forbidden', 'Only a super-admin gives that role.')
const emailTaken = (): Refusal => refused('email-taken', 'Another user of this company has this e-mail.')

/** The password and e-mail are in the vault before the fact: a user who exists can log in. */
export const createUser = command({
  name: 'user.create',
  summary: 'Create a user',
  roles: [...ADMINS, 'system'],
  input: z.object({ name, email, password, role: roleSchema, queueIds, locale: locale.default('pt-BR') }),
  run: async (act, input) => {
    const { companyId } = act.principal
    if (!mayGive(act.principal, input.role)) return forbiddenRole()
    const id = act.idFor<string>('user')
    // A repeated request finds the user there: whatever its body says now, it must not give the user another password.
    if ((await act.state(userKind, id)).state.matches('absent')) {
      if (!(await act.tools.accounts.claimEmail(input.email, companyId, id))) return emailTaken()
      await act.tools.accounts.setPassword(companyId, id, input.password)
    }
    const outcome = await act.transact(userKind, id, user =>
      user.matches('absent')
        ? [
            {
              type: 'user.created',
              subject: id,
              data: {
                role: input.role,
                queueIds: input.queueIds,
                locale: input.locale,
                personal: { name: input.name, email: input.email },
              },
            },
          ]
        : [],
    )
    return answerOf(id, outcome)
  },
})

const unknownUser = (): Refusal => refused('not-found', 'There is no such user.')

const changeInput = z.object({
  id: z.uuid(),
  name: name.optional(),
  email: email.optional(),
  role: roleSchema.optional(),
  queueIds: queueIds.optional(),
  locale: locale.optional(),
  password: password.optional(),
})

const changeFacts = (input: z.output<typeof changeInput>) => {
  const {
    id,
    name: newName,
    email: newEmail,
    role,
    queueIds: queues,
    locale: newLocale,
    password: secret,
  } = input
  const open = {
    ...(role ? { role } : {}),
    ...(queues ? { queueIds: queues } : {}),
    ...(newLocale ? { locale: newLocale } : {}),
  }
  const personal = { ...(newName ? { name: newName } : {}), ...(newEmail ? { email: newEmail } : {}) }
  const changed = Object.keys(open).length + Object.keys(personal).length > 0
  return [
    ...(changed ? [{ type: 'user.changed' as const, subject: id, data: { ...open, personal } }] : []),
    ...(secret ? [{ type: 'user.passwordChanged' as const, data: {} }] : []),
  ]
}

/** Who has another e-mail no longer logs in with the one before, and somebody else may have that. */
const releaseOldEmails = async ({ principal: { companyId }, tools }: Act, id: string): Promise<void> => {
  const emails = await tools.userEmails(companyId, id)
  const present = emails.at(-1)
  for (const email of new Set(emails))
    if (email !== present) await tools.accounts.releaseEmail(email, companyId, id)
}

export const changeUser = command({
  name: 'user.change',
  summary: 'Change a user',
  roles: ADMINS,
  input: changeInput,
  run: async (act, input) => {
    const { companyId } = act.principal
    const { accounts } = act.tools
    const { state } = await act.state(userKind, input.id)
    if (!state.matches('existing')) return unknownUser()
    if (!mayGive(act.principal, input.role) || !mayGive(act.principal, state.context.role))
      return forbiddenRole()
    const again = remembers(state, act)
    if (input.email && !again && !(await accounts.claimEmail(input.email, companyId, input.id)))
      return emailTaken()
    if (input.password && !again) {
      await accounts.setPassword(companyId, input.id, input.password)
      await accounts.revokeLogins(companyId, input.id)
    }
    const outcome = await act.transact(userKind, input.id, user =>
      user.matches('existing') ? changeFacts(input) : unknownUser(),
    )
    if (input.email && outcome.outcome === 'done') await releaseOldEmails(act, input.id)
    return answerOf(input.id, outcome)
  },
})

const switchUser = (act: Act, id: string, active: boolean) =>
  act.transact(userKind, id, user => {
    if (!user.matches('existing')) return unknownUser()
    if (!mayGive(act.principal, user.context.role)) return forbiddenRole()
    if (user.matches({ existing: 'active' }) === active) return []
    return [{ type: active ? ('user.reactivated' as const) : ('user.deactivated' as const), data: {} }]
  })

export const deactivateUser = command({
  name: 'user.deactivate',
  summary: 'Take a user out of service; logins end at once',
  roles: ADMINS,
  input: z.object({ id: z.uuid() }),
  run: async (act, { id }) => {
    if (act.principal.kind === 'user' && act.principal.userId === id)
      return refused('forbidden', 'Nobody deactivates themselves.')
    const outcome = await switchUser(act, id, false)
    if (outcome.outcome === 'done') await act.tools.accounts.revokeLogins(act.principal.companyId, id)
    return answerOf(id, outcome)
  },
})

export const reactivateUser = command({
  name: 'user.reactivate',
  summary: 'Take a user back into service',
  roles: ADMINS,
  input: z.object({ id: z.uuid() }),
  run: async (act, { id }) => answerOf(id, await switchUser(act, id, true)),
})
