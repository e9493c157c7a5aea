import type { HistoryEntry } from '../../api/index.ts'
import { shortMoment } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { maybeW, reasonText } from './words.ts'

const breaks: readonly string[] = [
  'session.disconnected',
  'session.gapRecorded',
  'session.stopped',
  'session.loggedOut',
  'session.replaced',
  'session.restricted',
  'session.failed',
]

const text = ({ data }: HistoryEntry, name: string): string => {
  const value = data[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** The channel's own number for why, for whoever looks it up. */
export const codeIn = (entry: HistoryEntry): string => text(entry, 'code')

/** Whether it took the channel away from its customers, or tells for how long. */
export const isBreak = (entry: HistoryEntry): boolean =>
  breaks.includes(entry.type) && text(entry, 'of') !== 'history'

const moment = (at: string): string => (at ? shortMoment(at) : '')

/** One fact as one sentence. A type that is younger than this screen is named as it is. */
export const sentence = (entry: HistoryEntry): string =>
  maybeW(`fact.${entry.type}${text(entry, 'of') === 'history' ? '.history' : ''}`, {
    who: entry.actor.name ?? maybeT(`actor.${entry.actor.kind}`) ?? t('someone'),
    node: text(entry, 'node'),
    reason: reasonText(text(entry, 'reason')),
    from: moment(text(entry, 'from')),
    to: moment(text(entry, 'to')),
  }) ?? entry.type
