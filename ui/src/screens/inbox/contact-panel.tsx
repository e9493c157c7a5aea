import { A } from '@solidjs/router'
import { createEffect, createResource, For, on, Show, type JSX } from 'solid-js'
import { api, type Ticket } from '../../api/index.ts'
import { contactName, dayTime, fullTime, phoneNumber, shortTime, since } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { IconButton } from '../../parts/button.tsx'
import { StatusPill } from '../../parts/pills.tsx'
import { contactOf, loadContact } from '../../stores/contacts.ts'
import { closesAt, isOver } from '../../stores/window.ts'
import { previewOf } from './preview.ts'

const EARLIER_MAX = 10

export function Fact(props: { label: string; children: JSX.Element }) {
  return (
    <div class="flex justify-between gap-4 py-1">
      <dt class="shrink-0 text-faint">{props.label}</dt>
      <dd class="min-w-0 text-right break-words">{props.children}</dd>
    </div>
  )
}

/** Everything known about who writes, and about this ticket. */
export function ContactPanel(props: { ticket: Ticket; onClose: () => void }) {
  const contact = () => contactOf(props.ticket.contact.id)
  // Without it the panel shows what the ticket itself knows.
  createEffect(
    on(
      () => props.ticket.contact.id,
      id => void loadContact(id).catch(() => undefined),
    ),
  )
  const [earlier] = createResource(
    () => props.ticket.contact.id,
    async contactId =>
      (
        await api.tickets
          .list({ contactId, limit: EARLIER_MAX })
          .catch(() => ({ items: [], nextCursor: null }))
      ).items,
  )
  return (
    <aside
      aria-label={t('contact.panel')}
      on:keydown={event => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        props.onClose()
      }}
      class="w-80 shrink-0 overflow-y-auto border-l border-line bg-surface p-4 max-xl:fixed max-xl:inset-y-0 max-xl:right-0 max-xl:z-30 max-xl:max-w-full max-xl:shadow-pop max-sm:w-full"
    >
      <div class="flex justify-end">
        <IconButton label={t('close')} icon="close" onClick={() => props.onClose()} />
      </div>
      <div class="grid justify-items-center gap-1 pb-4 text-center">
        <Avatar
          id={props.ticket.contact.id}
          name={props.ticket.contact.name}
          group={props.ticket.isGroup}
          large
        />
        <h2 class="mt-2 text-base font-semibold break-words">{contactName(props.ticket.contact)}</h2>
        <Show when={props.ticket.contact.phone}>
          {phone => <p class="text-faint">{phoneNumber(phone())}</p>}
        </Show>
        <A href={`/contacts/${props.ticket.contact.id}`} class="text-[13px] text-accent-ink underline">
          {t('contact.open')}
        </A>
      </div>
      <dl class="border-t border-line py-3 text-[13px]">
        <Show when={contact()?.email}>{email => <Fact label={t('contact.email')}>{email()}</Fact>}</Show>
        <For each={contact()?.addresses}>
          {address => (
            <Fact label={maybeT(`address.${address.kind}`) ?? address.kind}>
              {address.kind === 'phone' ? phoneNumber(address.value) : address.value}
            </Fact>
          )}
        </For>
        <Fact label={t('session')}>{props.ticket.session.name}</Fact>
        <Fact label={t('queue')}>{props.ticket.queue?.name ?? t('filter.noQueue')}</Fact>
        <Show when={closesAt(props.ticket)}>
          {at => (
            <Fact label={t('window.until')}>{isOver(props.ticket) ? t('window.over') : dayTime(at())}</Fact>
          )}
        </Show>
        <Fact label={t('agent')}>{props.ticket.user?.name ?? '—'}</Fact>
      </dl>
      <dl class="border-t border-line py-3 text-[13px]">
        <Fact label={t('ticket')}>#{props.ticket.number}</Fact>
        <Fact label={t('ticket.openedAt')}>
          <time datetime={props.ticket.openedAt} title={fullTime(props.ticket.openedAt)}>
            {since(props.ticket.openedAt)}
          </time>
        </Fact>
        <Show when={props.ticket.acceptedAt}>
          {at => <Fact label={t('ticket.acceptedAt')}>{fullTime(at())}</Fact>}
        </Show>
        <Show when={props.ticket.closedAt}>
          {at => <Fact label={t('ticket.closedAt')}>{fullTime(at())}</Fact>}
        </Show>
      </dl>
      <Show when={(earlier.latest ?? []).filter(other => other.id !== props.ticket.id).length}>
        <section class="border-t border-line py-3">
          <h3 class="mb-1 text-[13px] font-medium text-faint">{t('contact.earlier')}</h3>
          <For each={(earlier.latest ?? []).filter(other => other.id !== props.ticket.id)}>
            {other => (
              <A
                href={`/tickets/${other.id}`}
                class="-mx-2 grid gap-0.5 rounded-lg px-2 py-1.5 hover:bg-hover"
              >
                <span class="flex items-center justify-between gap-2">
                  <span class="font-medium">#{other.number}</span>
                  <StatusPill status={other.status} />
                </span>
                <span class="truncate text-[13px] text-faint">
                  {shortTime(other.updatedAt)} · {previewOf(other.lastMessage)}
                </span>
              </A>
            )}
          </For>
        </section>
      </Show>
    </aside>
  )
}
