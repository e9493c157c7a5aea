import type { InspectionDoor, Look, Told } from '../http/doors.ts'
import { ChannelError } from '../providers/channel-error.ts'
import type {
  ChannelHealth,
  ConnectOptions,
  Connection,
  Provider,
  SessionCredentials,
} from '../providers/provider.ts'
import type { Session } from '../realtime/protocol.ts'
import { isoNow, type Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { KeptLooks } from './kept-looks.ts'

/** Longer than one question to a channel may take: a list of templates takes several. */
const INSPECTION_MS_MAX = 20_000

type Tools = {
  readonly providers: Partial<Record<Provider['kind'], Provider>>
  credentials(companyId: string, sessionId: string): Promise<SessionCredentials>
  readonly looks: KeptLooks
  readonly waitMs?: number
  readonly clock: Clock
  readonly log: Log
}
type Account = Pick<ConnectOptions, 'credentials' | 'settings'>
type Questions = Pick<Connection, 'health' | 'templates'>

/**
 * Asks a session's channel by its credentials, whether or not the session runs and wherever it does. How it is doing is
 * kept for a while, so that everybody sees the same and the channel is not asked for each of them. What the channel said in its own words stays here: Meta repeats tokens in them.
 */
export const channelInspection = (tools: Tools): InspectionDoor => {
  const { clock, log, waitMs = INSPECTION_MS_MAX } = tools

  const accountOf = async (companyId: string, session: Session): Promise<Account> => ({
    credentials: await tools.credentials(companyId, session.id),
    settings: session.settings,
  })

  const ask = async <T>(
    companyId: string,
    session: Session,
    account: Account,
    question: (known: Questions) => (() => Promise<T>) | undefined,
  ): Promise<Told<T>> => {
    const provider = tools.providers[session.provider]
    if (!provider?.inspect) return { untold: 'not-supported' }
    const asked = question(provider.inspect(account))
    if (!asked) return { untold: 'not-supported' }
    try {
      return { told: await within(clock, waitMs, asked()) }
    } catch (error) {
      const expected = error instanceof ChannelError
      const reason = expected ? error.code : 'channel-answer-unreadable'
      const about = { companyId, sessionId: session.id, reason }
      if (expected) log.info(about, 'a channel could not be asked')
      else log.warn({ ...about, err: error }, 'a channel could not be asked')
      return { untold: expected && error.retryable ? 'channel-unreachable' : 'channel-refused', reason }
    }
  }
  return {
    health: async (companyId, session, again = false) => {
      const account = await accountOf(companyId, session)
      const last = again ? null : await tools.looks.last(companyId, session.id, account)
      if (last) return last
      const told = await ask(companyId, session, account, ({ health }) => health)
      const look: Look<ChannelHealth> = { ...told, at: isoNow(clock) }
      // That it could not be asked says nothing of the channel: the next one asks.
      if ('told' in look || look.untold === 'channel-refused')
        await tools.looks.keep(companyId, session.id, account, look)
      return look
    },
    templates: async (companyId, session) =>
      ask(companyId, session, await accountOf(companyId, session), ({ templates }) => templates),
  }
}

const within = <T>(clock: Clock, ms: number, asked: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(new ChannelError('channel-unreachable', 'It did not answer in time.', true)),
    )
    asked.finally(cancel).then(resolve, reject)
  })
