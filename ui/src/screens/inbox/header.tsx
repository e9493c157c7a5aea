import { A, useNavigate } from '@solidjs/router'
import { createSignal, For, onCleanup, onMount, Show } from 'solid-js'
import type { Ticket, TicketAction } from '../../api/index.ts'
import { contactName, phoneNumber } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Menu } from '../../parts/menu.tsx'
import { StatusPill } from '../../parts/pills.tsx'
import { openPhone } from '../../stores/phone.ts'
import { isAdmin } from '../../stores/auth.ts'
import { customerDoing } from '../../stores/typing.ts'
import { maySnooze, SnoozeDialog, snoozedWords, snoozeItems, SnoozeMenu } from './snooze.tsx'
import { act, actionsOf, focusComposer } from './ticket-actions.ts'

const faces: Record<Exclude<TicketAction, 'read'>, { icon: IconName; look: 'primary' | 'plain' }> = {
  accept: { icon: 'check', look: 'primary' },
  takeover: { icon: 'users', look: 'plain' },
  return: { icon: 'undo', look: 'plain' },
  close: { icon: 'close', look: 'plain' },
  reopen: { icon: 'refresh', look: 'primary' },
  wake: { icon: 'play', look: 'primary' },
}

const WIDE_PIXELS_MIN = 560

/** Who it is, where the ticket stands, and what may be done with it. */
export function ConversationHeader(props: { ticket: Ticket; panelOpen: boolean; onPanel: () => void }) {
  const go = useNavigate()
  const [busy, setBusy] = createSignal<TicketAction>()
  const run = async (action: TicketAction, byHand: boolean) => {
    setBusy(action)
    const done = await act(props.ticket, action)
    setBusy(undefined)
    // The button goes with the deed. Whoever pressed it writes next; whoever used the shortcut goes on with the keys.
    if (done && byHand) focusComposer()
  }
  const actions = () => actionsOf(props.ticket) as (keyof typeof faces)[]
  /** The one button for which a narrow screen has room: what usually comes next. Giving back is seldom that. */
  const foremost = () => actions().find(action => action !== 'return') ?? actions()[0]
  const facts = () => {
    const { number, contact, user, status } = props.ticket
    const phone = contact.name && contact.phone ? phoneNumber(contact.phone) : null
    const until = status === 'snoozed' ? snoozedWords(props.ticket) : null
    return [until, `#${number}`, phone, user?.name].filter(Boolean).join(' · ')
  }
  const canPhone = () => isAdmin() && props.ticket.session.provider === 'simulator'
  // By its own width, not the window's: the phone and the panel beside it take theirs.
  const [wide, setWide] = createSignal(true)
  let bar!: HTMLElement
  onMount(() => {
    const observer = new ResizeObserver(() => setWide(bar.clientWidth >= WIDE_PIXELS_MIN))
    observer.observe(bar)
    onCleanup(() => observer.disconnect())
  })
  const [picking, setPicking] = createSignal(false)
  const pick = () => setPicking(true)
  /** Among other wishes they say what is to happen for an hour. */
  const namedSnoozeItems = () =>
    snoozeItems(props.ticket, pick).map(item => ({ ...item, label: `${t('do.snooze')}: ${item.label}` }))
  const toHistory = () => go(`/tickets/${props.ticket.id}/history`)
  const toPhone = () => void openPhone(props.ticket.session.id)
  return (
    <header
      ref={bar}
      class="flex h-16 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:px-4"
    >
      <IconButton label={t('back')} icon="back" class="md:hidden" onClick={() => go('/inbox')} />
      <button
        type="button"
        aria-expanded={props.panelOpen}
        data-panel-toggle
        class="ring-inner flex min-w-0 flex-1 items-center gap-3 rounded-lg p-1 text-left hover:bg-hover"
        onClick={() => props.onPanel()}
      >
        <Avatar id={props.ticket.contact.id} name={props.ticket.contact.name} group={props.ticket.isGroup} />
        <span class="grid min-w-0">
          <span class="truncate font-semibold">{contactName(props.ticket.contact)}</span>
          <span class="flex min-w-0 items-center gap-2 text-xs text-faint">
            <StatusPill status={props.ticket.status} />
            <Show
              when={customerDoing(props.ticket.id)}
              fallback={
                <Show when={wide()}>
                  <span class="truncate">{facts()}</span>
                </Show>
              }
            >
              {what => (
                <span data-testid="customer-typing" class="truncate text-accent-ink" role="status">
                  {t(what())}
                </span>
              )}
            </Show>
          </span>
        </span>
      </button>
      <For each={wide() ? actions() : [foremost()].filter(action => action !== undefined)}>
        {action => (
          <Button
            small
            look={faces[action].look}
            icon={faces[action].icon}
            busy={busy() === action}
            data-testid={`ticket-${action}`}
            onClick={event => void run(action, event.isTrusted)}
          >
            {t(`do.${action}`)}
          </Button>
        )}
      </For>
      <Show
        when={wide()}
        fallback={
          <Menu
            label={t('more')}
            trigger={<Icon name="more" />}
            testid="ticket-menu"
            items={[
              ...actions()
                .filter(action => action !== foremost())
                .map(action => ({
                  label: t(`do.${action}`),
                  icon: faces[action].icon,
                  testid: `ticket-${action}`,
                  run: () => void run(action, true),
                })),
              ...(maySnooze(props.ticket) ? namedSnoozeItems() : []),
              { label: t('history'), icon: 'history' as const, testid: 'ticket-history', run: toHistory },
              { label: t('contact.panel'), icon: 'info' as const, run: () => props.onPanel() },
              ...(canPhone() ? [{ label: t('phone.open'), icon: 'phone' as const, run: toPhone }] : []),
            ]}
          />
        }
      >
        <Show when={maySnooze(props.ticket)}>
          <SnoozeMenu ticket={props.ticket} onDate={pick} />
        </Show>
        <A
          href={`/tickets/${props.ticket.id}/history`}
          aria-label={t('history')}
          title={t('history')}
          data-testid="ticket-history"
          class="grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-hover hover:text-ink"
        >
          <Icon name="history" />
        </A>
        <Show when={canPhone()}>
          <IconButton label={t('phone.open')} icon="phone" data-testid="open-phone" onClick={toPhone} />
        </Show>
      </Show>
      <SnoozeDialog ticket={props.ticket} open={picking()} onClose={() => setPicking(false)} />
    </header>
  )
}
