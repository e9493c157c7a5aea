import type { Session, Ticket } from '../api/index.ts'
import { t } from '../i18n/index.ts'

const ticketLooks: Record<Ticket['status'], string> = {
  bot: 'bg-info-bg text-info',
  pending: 'bg-warn-bg text-warn',
  open: 'bg-good-bg text-good',
  snoozed: 'bg-info-bg text-info',
  rating: 'bg-info-bg text-info',
  closed: 'bg-hover text-soft',
}
const pill =
  'inline-flex h-5 shrink-0 items-center gap-1.5 rounded-full px-2 text-[11.5px] font-medium whitespace-nowrap'

export function StatusPill(props: { status: Ticket['status'] }) {
  return (
    <span
      class={`${pill} ${ticketLooks[props.status]}`}
      data-testid="ticket-status"
      data-status={props.status}
    >
      {t(`status.${props.status}`)}
    </span>
  )
}

const good = 'bg-good-bg text-good'
const warn = 'bg-warn-bg text-warn'
const bad = 'bg-danger-bg text-danger'
const calm = 'bg-hover text-soft'
const sessionLooks: Record<Session['status'], string> = {
  created: calm,
  connecting: warn,
  'awaiting-scan': warn,
  syncing: warn,
  connected: good,
  reconnecting: warn,
  stopped: calm,
  'logged-out': bad,
  replaced: bad,
  restricted: bad,
  failed: bad,
  removed: calm,
}

export function SessionPill(props: { status: Session['status'] }) {
  return (
    <span class={`${pill} ${sessionLooks[props.status]}`}>
      <span class="size-1.5 rounded-full bg-current" />
      {t(`session.status.${props.status}`)}
    </span>
  )
}
