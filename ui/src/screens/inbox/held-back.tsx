import { Show } from 'solid-js'
import type { Message } from '../../api/index.ts'
import { clockTime, dayTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { now } from '../../stores/clock.ts'

const SOON_MILLISECONDS = 5_000

const whenOf = (until: string): string => {
  if (Date.parse(until) - now() < SOON_MILLISECONDS) return t('held.when.soon')
  const time = dayTime(until)
  return t(time === clockTime(until) ? 'held.when.today' : 'held.when.later', { time })
}

/** Why a message of ours has not left yet, and when it will. */
export function HeldBack(props: { waiting: Message['waiting'] }) {
  return (
    <Show when={props.waiting}>
      {waiting => (
        <p
          data-testid="message-waiting"
          data-by={waiting().by}
          class="flex items-center gap-1 text-xs text-soft"
          role="note"
        >
          <Icon name="clock" size={12} class="shrink-0" />
          {t(`held.${waiting().by}`, { when: whenOf(waiting().until) })}
        </p>
      )}
    </Show>
  )
}
