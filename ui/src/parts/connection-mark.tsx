import { t } from '../i18n/index.ts'
import { connection } from '../sync/connection.ts'

const colours = {
  connecting: 'bg-faint',
  live: 'bg-good',
  reconnecting: 'bg-warn',
  offline: 'bg-danger',
} as const

/** Whether what is on the screen is what is so. */
export function ConnectionMark() {
  return (
    <div
      role="status"
      data-testid="connection"
      data-state={connection()}
      title={t(`connection.${connection()}`)}
      class="grid size-9 place-items-center"
    >
      <span
        class={`size-2.5 rounded-full ${colours[connection()]}`}
        classList={{ 'animate-pulse': connection() !== 'live' }}
      />
      <span class="sr-only">{t(`connection.${connection()}`)}</span>
    </div>
  )
}
