import { Show } from 'solid-js'
import type { Ticket } from '../../api/index.ts'
import { contactName, duration, fullTime, shortTime } from '../../i18n/format.ts'
import { t, tn } from '../../i18n/index.ts'
import { AckMark } from '../../parts/ack.tsx'
import { Avatar } from '../../parts/avatar.tsx'
import { Icon } from '../../parts/icons.tsx'
import { activityOf, waitingSince } from '../../stores/ticket-list.ts'
import { ticketOf } from '../../stores/tickets.ts'
import { customerDoing, typersOf } from '../../stores/typing.ts'
import { previewOf } from './preview.ts'
import { snoozedWords } from './snooze.tsx'

/**
 * One line of the list. It reads its own row, so a change paints this row and nothing else. A plain link, which the router
 * follows too: its own component costs more than the rest of the row, and a fling draws many.
 */
export function TicketRow(props: { id: string; chosen: boolean }) {
  const ticket = () => ticketOf(props.id)
  const doing = () => customerDoing(props.id) ?? (typersOf(props.id).length > 0 ? 'typing' : null)
  return (
    <Show when={ticket()}>
      {row => (
        <a
          href={`/tickets/${props.id}`}
          data-testid="ticket-row"
          data-ticket-id={props.id}
          data-status={row().status}
          aria-current={props.chosen ? 'true' : undefined}
          class="ring-inner flex h-full items-center gap-3 border-b border-line px-3 transition-colors"
          classList={{ 'bg-active': props.chosen, 'hover:bg-hover': !props.chosen }}
        >
          <Avatar id={row().contact.id} name={row().contact.name} group={row().isGroup} />
          <span class="grid min-w-0 flex-1 grid-cols-1 gap-0.5">
            <span class="flex items-baseline gap-2">
              <span
                class="min-w-0 flex-1 truncate"
                classList={{ 'font-semibold': row().unreadCount > 0, 'font-medium': row().unreadCount === 0 }}
              >
                {contactName(row().contact)}
              </span>
              <Time ticket={row()} />
            </span>
            <span class="flex items-center gap-1.5 text-[13px]">
              <Show when={row().lastMessage?.fromMe && row().lastMessage}>
                {last => <AckMark ack={last().ack} size={14} />}
              </Show>
              <span
                class="min-w-0 flex-1 truncate"
                classList={{ 'text-soft': row().unreadCount > 0, 'text-faint': row().unreadCount === 0 }}
              >
                <Show when={doing()} fallback={previewOf(row().lastMessage)}>
                  {what => (
                    <em data-testid="row-typing" class="text-accent-ink">
                      {t(what())}
                    </em>
                  )}
                </Show>
              </span>
              <Show when={row().unreadCount > 0}>
                <span
                  class="grid h-5 min-w-5 shrink-0 place-items-center rounded-full bg-badge px-1.5 text-[11px] font-semibold text-on-accent"
                  aria-label={tn('unread', row().unreadCount)}
                >
                  {row().unreadCount > 99 ? '99+' : row().unreadCount}
                </span>
              </Show>
            </span>
            <span class="flex items-center gap-1.5 truncate text-[11.5px] text-faint">
              <Show when={row().queue}>
                {queue => (
                  <>
                    <span class="dot size-2 shrink-0 rounded-full" style={{ '--dot': queue().color }} />
                    <span class="max-w-3/5 shrink-0 truncate">{queue().name}</span>
                    <span aria-hidden="true">·</span>
                  </>
                )}
              </Show>
              <span class="min-w-0 truncate">{row().session.name}</span>
              <Show when={row().status === 'snoozed'}>
                <span aria-hidden="true">·</span>
                <span class="max-w-3/5 shrink-0 truncate" data-testid="row-snoozed">
                  {snoozedWords(row())}
                </span>
              </Show>
              <Show when={row().user && row().status === 'open'}>
                <span aria-hidden="true">·</span>
                <span class="min-w-0 truncate">{row().user?.name}</span>
              </Show>
            </span>
          </span>
        </a>
      )}
    </Show>
  )
}

/** Of whoever waits, how long; of everybody else, when something last happened. */
function Time(props: { ticket: Ticket }) {
  const waits = () => props.ticket.status === 'pending'
  const at = () => (waits() ? waitingSince(props.ticket) : activityOf(props.ticket))
  return (
    <time
      class="flex shrink-0 items-center gap-1 self-center text-xs"
      classList={{
        'text-accent-ink font-medium': props.ticket.unreadCount > 0,
        'text-faint': props.ticket.unreadCount === 0,
      }}
      data-testid={waits() ? 'waiting-for' : undefined}
      datetime={at()}
      title={waits() ? t('waiting.since', { time: fullTime(at()) }) : fullTime(at())}
    >
      <Show when={waits()} fallback={shortTime(at())}>
        <Icon name="clock" size={12} />
        <span class="sr-only">{t('waiting.for')}</span>
        {duration(at())}
      </Show>
    </time>
  )
}
