import { A, useNavigate } from '@solidjs/router'
import { createResource, createSignal, For, Show, Suspense, untrack } from 'solid-js'
import { api, type Contact } from '../../api/index.ts'
import { ApiProblem } from '../../api/problem.ts'
import { contactName, fullTime, phoneNumber, shortTime } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { Field, SelectField } from '../../parts/field.tsx'
import { StatusPill } from '../../parts/pills.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { isAdmin, mayAct } from '../../stores/auth.ts'
import { contactOf, loadContact } from '../../stores/contacts.ts'
import { sessions } from '../../stores/directory.ts'
import { EraseContact } from './erase-contact.tsx'
import { Fact } from '../inbox/contact-panel.tsx'
import { previewOf } from '../inbox/preview.ts'
import { lazyPart } from '../../sync/load-part.ts'

const SamePerson = lazyPart(() => import('./same-person.tsx'))

const TICKETS_MAX = 20

/** One person: who they are, their tickets, and a way to write to them first. */
export function ContactDetail(props: { id: string; onClose: () => void }) {
  const [loaded, { refetch }] = createResource(() => loadContact(props.id).then(() => true))
  return (
    <Modal
      open
      onClose={props.onClose}
      title={contactName(contactOf(props.id) ?? { name: null, phone: null })}
      wide
    >
      <Show when={loaded.error}>
        <Failure error={loaded.error} onRetry={() => void refetch()} />
      </Show>
      <Show
        when={contactOf(props.id)}
        fallback={<Show when={loaded.loading}>{<SkeletonRows count={3} class="h-12" />}</Show>}
      >
        {contact => <Body contact={contact()} onClose={props.onClose} />}
      </Show>
    </Modal>
  )
}

function Body(props: { contact: Contact; onClose: () => void }) {
  const [name, setName] = createSignal(untrack(() => props.contact.name ?? ''))
  const [email, setEmail] = createSignal(untrack(() => props.contact.email ?? ''))
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const changed = () =>
    name().trim() !== (props.contact.name ?? '') || email().trim() !== (props.contact.email ?? '')
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!changed()) return props.onClose()
    setBusy(true)
    setError(undefined)
    try {
      const rename = name().trim() !== (props.contact.name ?? '') && name().trim() !== ''
      await api.contacts.change(props.contact.id, {
        ...(rename ? { name: name().trim() } : {}),
        ...(email().trim() === (props.contact.email ?? '') ? {} : { email: email().trim() || null }),
      })
      await loadContact(props.contact.id)
      props.onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  const [erasing, setErasing] = createSignal(false)
  const block = () =>
    attempt(async () => {
      await api.contacts.block(props.contact.id, !props.contact.blocked)
      await loadContact(props.contact.id)
    })
  return (
    <form class="grid grid-cols-1 gap-4" onSubmit={e => void save(e)}>
      <dl class="text-[13px]">
        <For each={props.contact.addresses}>
          {address => (
            <Fact label={maybeT(`address.${address.kind}`) ?? address.kind}>
              {address.kind === 'phone' ? phoneNumber(address.value) : address.value}
            </Fact>
          )}
        </For>
        <Fact label={t('contact.since')}>{fullTime(props.contact.createdAt)}</Fact>
      </dl>
      <Show when={mayAct() && !props.contact.erased && !props.contact.mergedInto}>
        <div class="grid gap-3 sm:grid-cols-2">
          <Field
            label={t('name')}
            value={name()}
            maxlength="120"
            onInput={e => setName(e.currentTarget.value)}
          />
          <Field
            label={t('contact.email')}
            type="email"
            value={email()}
            onInput={e => setEmail(e.currentTarget.value)}
          />
        </div>
        <OpenTicket contact={props.contact} />
      </Show>
      <Tickets contact={props.contact} />
      <Show when={!props.contact.erased && !props.contact.isGroup}>
        <Suspense>
          <SamePerson contact={props.contact} />
        </Suspense>
      </Show>
      <Show when={mayAct() && !props.contact.erased && !props.contact.mergedInto}>
        <div>
          <Button
            small
            icon="block"
            look={props.contact.blocked ? 'plain' : 'danger'}
            data-testid="contact-block"
            onClick={() => void block()}
          >
            {props.contact.blocked ? t('contact.unblock') : t('contact.block')}
          </Button>
          <p class="mt-1 text-xs text-faint">{t('contact.block.text')}</p>
        </div>
        <Show when={isAdmin()}>
          <div>
            <Button small look="danger" data-testid="contact-erase" onClick={() => setErasing(true)}>
              {t('contact.erase')}
            </Button>
          </div>
          <Show when={erasing()}>
            <EraseContact
              contact={props.contact}
              onClose={() => setErasing(false)}
              onErased={props.onClose}
            />
          </Show>
        </Show>
        <DialogActions error={error()} busy={busy()} confirm={t('save')} onCancel={props.onClose} />
      </Show>
    </form>
  )
}

function OpenTicket(props: { contact: Contact }) {
  const go = useNavigate()
  const usable = () => sessions.items.filter(session => session.status !== 'removed')
  const [picked, setPicked] = createSignal('')
  const sessionId = () => picked() || usable().find(session => session.isDefault)?.id || usable()[0]?.id || ''
  const [busy, setBusy] = createSignal(false)
  const open = async () => {
    setBusy(true)
    await attempt(async () => {
      try {
        const { id } = await api.tickets.open(props.contact.id, sessionId())
        go(`/tickets/${id}`)
      } catch (failure) {
        // There is one already: that is where the user wants to be, if it may be seen.
        const live =
          failure instanceof ApiProblem && failure.problem.code === 'ticket-live'
            ? (failure.problem['data'] as { ticketId?: string } | undefined)
            : undefined
        if (!live?.ticketId) throw failure
        go(`/tickets/${live.ticketId}`)
      }
    })
    setBusy(false)
  }
  return (
    <Show when={usable().length > 0}>
      <div class="flex flex-wrap items-end gap-2">
        <SelectField
          class="min-w-40 flex-1"
          label={t('contact.writeVia')}
          value={sessionId()}
          onPick={setPicked}
          choices={usable().map(session => ({ value: session.id, label: session.name }))}
        />
        <Button icon="send" busy={busy()} data-testid="contact-open-ticket" onClick={() => void open()}>
          {t('contact.write')}
        </Button>
      </div>
    </Show>
  )
}

function Tickets(props: { contact: Contact }) {
  const [tickets] = createResource(
    // Anew where somebody else turns out to be the same person, or not to be.
    () => ({
      contactId: props.contact.id,
      others: props.contact.merged?.length,
      into: props.contact.mergedInto,
    }),
    async ({ contactId }) => (await api.tickets.list({ contactId, limit: TICKETS_MAX })).items,
  )
  return (
    <Show when={!tickets.error && tickets.latest?.length}>
      <section>
        <h3 class="mb-1 text-[13px] font-medium text-faint">{t('contact.tickets')}</h3>
        <ul class="max-h-48 overflow-y-auto rounded-xl border border-line">
          <For each={tickets.latest}>
            {ticket => (
              <li class="border-b border-line last:border-0">
                <A
                  href={`/tickets/${ticket.id}`}
                  class="ring-inner flex items-center gap-3 px-3 py-2 hover:bg-hover"
                >
                  <span class="shrink-0 font-medium">#{ticket.number}</span>
                  <span class="min-w-0 flex-1 truncate text-[13px] text-faint">
                    {previewOf(ticket.lastMessage)}
                  </span>
                  <span class="shrink-0 text-xs text-faint">{shortTime(ticket.updatedAt)}</span>
                  <StatusPill status={ticket.status} />
                </A>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  )
}
