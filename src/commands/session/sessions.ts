import { z } from 'zod'
import { sessionKind } from '../../actors/session/chart.ts'
import {
  providerKind,
  sessionSettings,
  type ProviderKind,
  type SessionSettings,
} from '../../events/session.ts'
import { answerOf, remembers, type Act } from '../act.ts'
import { ADMINS, command } from '../command.ts'
import { refused, type Refusal } from '../define.ts'

/** Channels that this release can connect; the others are refused in plain words instead of failing later. */
const CONNECTABLE: readonly string[] = ['simulator', 'cloud', 'baileys', 'messenger', 'instagram']

const name = z.string().trim().min(1).max(80)
const queueIds = z.array(z.uuid()).max(50)
const secret = z.string().min(1).max(2_048)
const secrets = z
  .object({ accessToken: secret, pageAccessToken: secret, appSecret: secret, verifyToken: secret })
  .partial()
const settings = sessionSettings.extend(secrets.shape)
type Settings = z.output<typeof settings>
/** What is not named stays as it is; so nothing here has a default. */
const changedSettings = settings
  .extend({
    reopenPolicy: settings.shape.reopenPolicy.unwrap(),
    reopenMinutes: settings.shape.reopenMinutes.unwrap(),
  })
  .partial()

const unknownSession = (): Refusal => refused('not-found', 'There is no such session.')

/** Parts what may be seen from what is only ever written. */
const apart = ({ accessToken, pageAccessToken, appSecret, verifyToken, ...open }: Settings) => ({
  open,
  secrets: Object.fromEntries(
    Object.entries({ accessToken, pageAccessToken, appSecret, verifyToken }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Record<string, string>,
})

const NEEDED = {
  cloud: ['phoneNumberId', 'accessToken', 'appSecret', 'verifyToken'],
  messenger: ['pageId', 'pageAccessToken', 'appSecret', 'verifyToken'],
  instagram: ['pageId', 'pageAccessToken', 'appSecret', 'verifyToken'],
  simulator: [],
  baileys: [],
} as const satisfies Record<ProviderKind, readonly (keyof Settings)[]>

const missingFor = (provider: ProviderKind, given: Settings): Refusal | null => {
  const missing = NEEDED[provider].filter(key => !given[key])
  return missing.length > 0
    ? refused('invalid', `settings: a ${provider} session needs ${missing.join(', ')}.`)
    : null
}

/** What Meta's deliveries are routed by. */
const accountIdOf = ({ phoneNumberId, pageId }: SessionSettings): string | undefined =>
  phoneNumberId ?? pageId

export const createSession = command({
  name: 'session.create',
  summary: 'Create a session',
  roles: ADMINS,
  input: z.object({
    name,
    provider: providerKind,
    queueIds: queueIds.default([]),
    settings: settings.prefault({}),
    isDefault: z.boolean().default(false),
  }),
  run: async (act, input) => {
    const { companyId } = act.principal
    if (!CONNECTABLE.includes(input.provider))
      return refused('not-supported', `provider: ${input.provider} is not available in this release.`)
    const wrong = missingFor(input.provider, input.settings)
    if (wrong) return wrong
    const id = act.idFor<string>('session')
    const { open, secrets: given } = apart(input.settings)
    // Secrets are durable before the session exists: it can be started as soon as it is seen. A repeated request finds it
    // there, or removed, and brings no secrets with it.
    if ((await act.state(sessionKind, id)).state.matches('absent'))
      await act.tools.sessionSecrets.put(companyId, id, given, accountIdOf(open))
    const outcome = await act.transact(sessionKind, id, session =>
      session.matches('absent')
        ? [
            {
              type: 'session.created',
              data: {
                name: input.name,
                provider: input.provider,
                queueIds: input.queueIds,
                settings: open,
                isDefault: input.isDefault,
              },
            },
          ]
        : [],
    )
    return answerOf(id, outcome)
  },
})

export const changeSession = command({
  name: 'session.change',
  summary: 'Change a session',
  roles: ADMINS,
  input: z.object({
    id: z.uuid(),
    name: name.optional(),
    queueIds: queueIds.optional(),
    settings: changedSettings.optional(),
    isDefault: z.boolean().optional(),
  }),
  run: async (act, { id, settings: changes, ...rest }) => {
    const { companyId } = act.principal
    const { state } = await act.state(sessionKind, id)
    if (!state.matches('existing')) return unknownSession()
    const parts = changes && apart({ ...state.context.settings, ...changes } as Settings)
    if (parts && !remembers(state, act))
      await act.tools.sessionSecrets.put(companyId, id, parts.secrets, accountIdOf(parts.open))
    const outcome = await act.transact(sessionKind, id, session => {
      if (!session.matches('existing')) return unknownSession()
      const data = {
        ...(rest.name ? { name: rest.name } : {}),
        ...(rest.queueIds ? { queueIds: rest.queueIds } : {}),
        ...(rest.isDefault === undefined ? {} : { isDefault: rest.isDefault }),
        ...(parts ? { settings: parts.open } : {}),
      }
      return Object.keys(data).length > 0 ? [{ type: 'session.changed', data }] : []
    })
    return answerOf(id, outcome)
  },
})

const byId = z.object({ id: z.uuid() })
const ENDED = ['stopped', 'loggedOut', 'replaced', 'restricted', 'failed', 'created'] as const

const isEnded = (session: { matches(value: { existing: string }): boolean }): boolean =>
  ENDED.some(existing => session.matches({ existing }))

const start = (act: Act, id: string) =>
  act.transact(sessionKind, id, session => {
    if (!session.matches('existing')) return unknownSession()
    return isEnded(session as never) ? [{ type: 'session.startRequested', data: {} }] : []
  })

const stop = (act: Act, id: string, reason: string) =>
  act.transact(sessionKind, id, session => {
    if (!session.matches('existing')) return unknownSession()
    return isEnded(session as never) ? [] : [{ type: 'session.stopped', data: { reason } }]
  })

export const startSession = command({
  name: 'session.start',
  summary: 'Connect a session and keep it connected',
  roles: ADMINS,
  input: byId,
  run: async (act, { id }) => answerOf(id, await start(act, id)),
})

export const stopSession = command({
  name: 'session.stop',
  summary: 'Disconnect a session; it stays paired',
  roles: ADMINS,
  input: byId,
  run: async (act, { id }) => answerOf(id, await stop(act, id, 'stopped by an admin')),
})

export const restartSession = command({
  name: 'session.restart',
  summary: 'Disconnect a session and connect it again',
  roles: ADMINS,
  input: byId,
  run: async (act, { id }) => {
    const stopped = await stop(act, id, 'restarted by an admin')
    if (stopped.outcome !== 'done') return answerOf(id, stopped)
    return answerOf(id, await start(act, id), { positions: [stopped.position] })
  },
})

export const logOutSession = command({
  name: 'session.logout',
  summary: 'Disconnect a session and forget its pairing',
  roles: ADMINS,
  input: byId,
  run: async (act, { id }) => {
    const outcome = await act.transact(sessionKind, id, session => {
      if (!session.matches('existing')) return unknownSession()
      return session.matches({ existing: 'loggedOut' })
        ? []
        : [{ type: 'session.loggedOut', data: { reason: 'logged out by an admin' } }]
    })
    // Its owner tells WhatsApp, which takes the keys for the line only; without them nobody can come back.
    if (outcome.outcome === 'done') await act.tools.sessionSecrets.unpair(act.principal.companyId, id)
    return answerOf(id, outcome)
  },
})

export const removeSession = command({
  name: 'session.remove',
  summary: 'Remove a session; its tickets and messages stay',
  roles: ADMINS,
  input: byId,
  run: async (act, { id }) => {
    const outcome = await act.transact(sessionKind, id, session => {
      if (session.matches('absent')) return unknownSession()
      return session.matches('removed') ? [] : [{ type: 'session.removed', data: {} }]
    })
    if (outcome.outcome === 'done') {
      const accountId = accountIdOf(outcome.state.context.settings)
      await act.tools.sessionSecrets.remove(act.principal.companyId, id, accountId)
    }
    return answerOf(id, outcome)
  },
})
