import { createSignal } from 'solid-js'
import type { SnoozeWish, Ticket } from '../../api/index.ts'
import { dayTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { fieldsOf } from '../../parts/form.ts'
import { Icon } from '../../parts/icons.tsx'
import { Menu, type MenuItem } from '../../parts/menu.tsx'
import { isSupervisor, mayAct, me } from '../../stores/auth.ts'
import { putAside } from './ticket-actions.ts'

const HOUR_MILLISECONDS = 3_600_000
const MORNING_HOUR = 8

export const inAnHour = (now: Date): string => new Date(now.getTime() + HOUR_MILLISECONDS).toISOString()
/** The next day's morning where the agent sits, whatever the clocks do that night. */
export const tomorrowMorning = (now: Date): string =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING_HOUR).toISOString()

/** Whether this person may put the ticket aside now, or change until when it is. */
export const maySnooze = (ticket: Ticket): boolean =>
  mayAct() &&
  (ticket.status === 'open' || ticket.status === 'snoozed') &&
  (ticket.user?.id === me().id || isSupervisor())

/** Until when a snoozed ticket is put aside, in words. */
export const snoozedWords = (ticket: Ticket): string =>
  ticket.snoozedUntil
    ? t('snooze.until', { time: dayTime(ticket.snoozedUntil) })
    : t('snooze.untilReply.short')

/** The ways to put a ticket aside, for a menu. `onDate`: the agent wants to pick a day. */
export const snoozeItems = (ticket: Ticket, onDate: () => void): readonly Exclude<MenuItem, 'line'>[] => {
  const aside = (wish: SnoozeWish) => () => void putAside(ticket, wish)
  const now = new Date()
  const one = (name: 'hour' | 'tomorrow' | 'untilReply' | 'date', run: () => void) => ({
    label: t(`snooze.${name}`),
    icon: 'clock' as const,
    testid: `snooze-${name}`,
    run,
  })
  return [
    one('hour', aside({ until: inAnHour(now) })),
    one('tomorrow', aside({ until: tomorrowMorning(now) })),
    one('untilReply', aside({ untilReply: true })),
    one('date', onDate),
  ]
}

/** The button in a conversation's header that puts its ticket aside. */
export function SnoozeMenu(props: { ticket: Ticket; onDate: () => void }) {
  return (
    <Menu
      label={t('do.snooze')}
      trigger={<Icon name="clock" />}
      testid="ticket-snooze"
      items={snoozeItems(props.ticket, () => props.onDate())}
    />
  )
}

/** A day and time in the agent's own zone, as the platform's picker gives it. */
const instantOf = (local: string): string | null => {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? null : at.toISOString()
}

export function SnoozeDialog(props: { ticket: Ticket; open: boolean; onClose: () => void }) {
  const [busy, setBusy] = createSignal(false)
  const [wrong, setWrong] = createSignal(false)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const until = instantOf(fieldsOf(event.currentTarget as HTMLFormElement)('until'))
    const past = until === null || until <= new Date().toISOString()
    setWrong(past)
    if (past) return
    setBusy(true)
    const done = await putAside(props.ticket, { until })
    setBusy(false)
    if (done) props.onClose()
  }
  return (
    <Modal
      open={props.open}
      onClose={props.onClose}
      title={t('snooze.date.title')}
      text={t('snooze.date.text')}
    >
      <form class="grid gap-4" onSubmit={event => void submit(event)}>
        <Field
          label={t('snooze.date.label')}
          type="datetime-local"
          name="until"
          required
          data-testid="snooze-at"
          error={wrong() ? t('snooze.date.past') : undefined}
        />
        <DialogActions busy={busy()} confirm={t('do.snooze')} onCancel={props.onClose} />
      </form>
    </Modal>
  )
}
