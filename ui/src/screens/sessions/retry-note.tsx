import { createSignal, Show } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { isAdmin } from '../../stores/auth.ts'
import { retries } from '../../stores/codes.ts'
import { createCountdown, minutesAndSeconds } from './countdown.ts'
import { w } from './words.ts'

const MINUTE_SECONDS = 60
const timeText = (seconds: number): string =>
  seconds < MINUTE_SECONDS ? `${seconds} s` : minutesAndSeconds(seconds)

/** While a lost connection is tried again: when, for the how many-eth time, and a way not to wait. */
export function RetryNote(props: { session: Session }) {
  const [busy, setBusy] = createSignal(false)
  const next = () => retries.of(props.session.id)
  const left = createCountdown(() => next()?.expiresAt)
  const now = async () => {
    setBusy(true)
    await attempt(() => api.sessions.retry(props.session.id))
    setBusy(false)
  }
  return (
    <Show when={isAdmin() && props.session.status === 'reconnecting'}>
      <div
        data-testid="retry"
        class="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 rounded-xl bg-warn-bg px-3 py-1.5 text-[13px]"
      >
        <Icon name="clock" size={16} class="shrink-0 text-warn" />
        <p class="min-w-0 flex-1 tabular-nums">
          {left() > 0
            ? w('retry.next', {
                time: timeText(left()),
                attempt: next()?.attempt ?? '',
                max: next()?.attemptsMax ?? '',
              })
            : w('retry.trying')}
        </p>
        <Show when={left() > 0}>
          <Button small icon="refresh" busy={busy()} data-testid="retry-now" onClick={() => void now()}>
            {w('retry.now')}
          </Button>
        </Show>
      </div>
    </Show>
  )
}
