import { Show } from 'solid-js'
import type { Ticket } from '../../api/index.ts'
import { ApiProblem } from '../../api/problem.ts'
import { clockTime, dayTime } from '../../i18n/format.ts'
import { t, tn } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { abilitiesOf } from '../../stores/abilities.ts'
import { now } from '../../stores/clock.ts'
import { threadOf } from '../../stores/threads.ts'
import { closesAt, isOver } from '../../stores/window.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** After how many hours of silence free words are not taken, and when the customer last wrote (null: never). */
export type Over = { readonly hours: number | null; readonly lastInboundAt: string | null }

/** The channel refused words because the customer was silent too long; true until the customer writes again. */
const refusedFor = (ticketId: string): Over | null => {
  const thread = threadOf(ticketId)
  for (const { error, at } of thread?.drafts ?? []) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'window-closed') continue
    if (thread?.items.some(item => !item.fromMe && item.timestamp > at)) return null
    const { hours, lastInboundAt } = error.problem
    return {
      hours: typeof hours === 'number' ? hours : null,
      lastInboundAt: typeof lastInboundAt === 'string' ? lastInboundAt : null,
    }
  }
  return null
}

/** Whether free words are not taken now, as far as the ticket says it or a refusal did. */
export const overFor = (ticket: Ticket): Over | null => {
  const hours = abilitiesOf(ticket)?.windowHours ?? null
  if (hours === null || !isOver(ticket)) return refusedFor(ticket.id)
  const at = closesAt(ticket)
  return { hours, lastInboundAt: at ? new Date(Date.parse(at) - hours * HOUR_MS).toISOString() : null }
}

/** Why only a template may be sent, or, on a channel without, why nothing may. */
export function WindowOver(props: { ticket: Ticket; over: Over }) {
  const words = () => {
    const { hours, lastInboundAt } = props.over
    if (hours === null) return t('problem.window-closed')
    if (lastInboundAt === null) return t('window.never', { hours })
    const templates = abilitiesOf(props.ticket)?.kinds.includes('template')
    return t(templates ? 'window.closed' : 'window.wait', { hours, at: dayTime(lastInboundAt) })
  }
  return (
    <p
      role="status"
      data-testid="window-closed"
      class="flex min-w-0 flex-1 basis-72 items-start gap-2 text-[13px] text-soft"
    >
      <Icon name="clock" size={15} class="mt-0.5 shrink-0" />
      {words()}
    </p>
  )
}

/** In the last hour in which free words are taken: how long it is still. */
export function WindowNotice(props: { ticket: Ticket }) {
  const closing = () => {
    const at = closesAt(props.ticket)
    const left = at ? Date.parse(at) - now() : 0
    return at && left > 0 && left <= HOUR_MS ? { at, minutes: Math.ceil(left / MINUTE_MS) } : null
  }
  return (
    <Show when={closing()}>
      {soon => (
        <p data-testid="window-closing" class="mb-2 flex items-center gap-2 text-[13px] text-warn">
          <Icon name="clock" size={15} class="shrink-0" />
          {tn('window.closing', soon().minutes, { at: clockTime(soon().at) })}
        </p>
      )}
    </Show>
  )
}
