import type { InspectionDoor, Told } from '../http/doors.ts'
import { ChannelError } from '../providers/channel-error.ts'
import type { ConnectOptions, Connection, Provider, SessionCredentials } from '../providers/provider.ts'
import type { Session } from '../realtime/protocol.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'

/** Longer than one question to a channel may take: a list of templates takes several. */
const INSPECTION_MS_MAX = 20_000

type Tools = {
  readonly providers: Partial<Record<Provider['kind'], Provider>>
  credentials(companyId: string, sessionId: string): Promise<SessionCredentials>
  readonly waitMs?: number
  readonly clock: Clock
  readonly log: Log
}
type Questions = Pick<Connection, 'health' | 'templates'>

/**
 * Asks a session's channel by its credentials, whether or not the session runs and wherever it does. What the channel
 * said in its own words stays here: Meta repeats tokens in them.
 */
export const channelInspection = (tools: Tools): InspectionDoor => {
  const { clock, log, waitMs = INSPECTION_MS_MAX } = tools

  const ask = async <T>(
    companyId: string,
    session: Session,
    question: (known: Questions) => (() => Promise<T>) | undefined,
  ): Promise<Told<T>> => {
    const provider = tools.providers[session.provider]
    if (!provider?.inspect) return { untold: 'not-supported' }
    const { settings } = session
    const account: Pick<ConnectOptions, 'credentials' | 'settings'> = {
      credentials: await tools.credentials(companyId, session.id),
      settings,
    }
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
    health: (companyId, session) => ask(companyId, session, ({ health }) => health),
    templates: (companyId, session) => ask(companyId, session, ({ templates }) => templates),
  }
}

const within = <T>(clock: Clock, ms: number, asked: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(new ChannelError('channel-unreachable', 'It did not answer in time.', true)),
    )
    asked.finally(cancel).then(resolve, reject)
  })
