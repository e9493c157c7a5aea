import { api, type HistoryEntry, type User } from '../../api/index.ts'
import { PastDialog } from '../../parts/past-dialog.tsx'
import { maybeW, w } from './words.ts'

const PAGE_SIZE = 30

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const fileIn = ({ data }: HistoryEntry): string => {
  const personal = data['personal'] as { readonly fileName?: unknown } | null | undefined
  return text(personal?.fileName) || w('nameless')
}
/** A type that is younger than this screen is named as it is. */
const line = (entry: HistoryEntry): string =>
  maybeW(entry.type, { file: fileIn(entry), found: text(entry.data['found']) }) ?? entry.type

/** What happened to somebody's account: who changed it, and which uploads of theirs were refused. */
export default function Past(props: { user: User; onClose: () => void }) {
  return (
    <PastDialog
      title={w('title', { name: props.user.name })}
      testid="user-past"
      page={cursor => api.users.history(props.user.id, { limit: PAGE_SIZE, cursor })}
      line={line}
      alarms={entry => entry.type === 'user.uploadRefused'}
      by={who => w('by', { who: who ?? w('server') })}
      older={w('older')}
      onClose={() => props.onClose()}
    />
  )
}
