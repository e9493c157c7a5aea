import { useNavigate } from '@solidjs/router'
import {
  createEffect,
  createMemo,
  createResource,
  createSignal,
  For,
  on,
  onCleanup,
  Show,
  untrack,
} from 'solid-js'
import { api, type Contact, type Ticket } from '../../api/index.ts'
import { contactName, phoneNumber } from '../../i18n/format.ts'
import { Avatar } from '../../parts/avatar.tsx'
import { Button } from '../../parts/button.tsx'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { inputClass } from '../../parts/field.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { say } from '../../parts/toasts.tsx'
import { loadContact } from '../../stores/contacts.ts'
import { w } from './words.ts'

const SEARCH_MILLISECONDS = 220
const FOUND_MAX = 20
const TICKETS_MAX = 50

/** Says that a contact is the same person as another: who it is, then what comes of it. */
export default function MergeContact(props: { contact: Contact; onClose: () => void }) {
  const [other, setOther] = createSignal<Contact>()
  return (
    <Modal open title={w('same.title', { name: contactName(props.contact) })} onClose={() => props.onClose()}>
      <Show when={other()} fallback={<Search not={props.contact.id} onPick={contact => setOther(contact)} />}>
        {picked => (
          <Consequences
            contacts={[props.contact, picked()]}
            onBack={() => setOther(undefined)}
            onClose={() => props.onClose()}
          />
        )}
      </Show>
    </Modal>
  )
}

function Search(props: { not: string; onPick: (contact: Contact) => void }) {
  const [q, setQ] = createSignal('')
  const [asked, setAsked] = createSignal('')
  createEffect(
    on(
      q,
      now => {
        const timer = setTimeout(() => setAsked(now.trim()), SEARCH_MILLISECONDS)
        onCleanup(() => clearTimeout(timer))
      },
      { defer: true },
    ),
  )
  const [found, { refetch }] = createResource(
    () => ({ words: asked(), not: props.not }),
    async ({ words, not }) => {
      const { items } = await api.contacts.list({ q: words, limit: FOUND_MAX })
      return items.filter(({ id, isGroup, erased }) => id !== not && !isGroup && !erased)
    },
  )
  return (
    <>
      <input
        type="search"
        data-testid="same-search"
        class={inputClass}
        aria-label={w('same.search')}
        placeholder={w('same.search')}
        value={q()}
        onInput={event => setQ(event.currentTarget.value)}
      />
      <div class="mt-2 h-72 overflow-y-auto">
        <Show when={!found.error} fallback={<Failure error={found.error} onRetry={() => void refetch()} />}>
          <Show when={found.latest} fallback={<SkeletonRows count={4} class="h-14" />}>
            {contacts => (
              <ul>
                <For
                  each={contacts()}
                  fallback={
                    <li class="px-1 py-4 text-faint" role="status">
                      {w('same.none')}
                    </li>
                  }
                >
                  {contact => (
                    <li>
                      <button
                        type="button"
                        data-testid="same-found"
                        class="ring-inner flex w-full items-center gap-3 rounded-lg px-2 py-1.5 text-left hover:bg-hover"
                        onClick={() => props.onPick(contact)}
                      >
                        <Avatar id={contact.id} name={contact.name} />
                        <Named contact={contact} />
                      </button>
                    </li>
                  )}
                </For>
              </ul>
            )}
          </Show>
        </Show>
      </div>
    </>
  )
}

function Named(props: { contact: Contact }) {
  return (
    <span class="min-w-0 flex-1">
      <span class="block truncate font-medium">{contactName(props.contact)}</span>
      <Show when={props.contact.phone}>
        {phone => <span class="block truncate text-xs text-faint">{phoneNumber(phone())}</span>}
      </Show>
    </span>
  )
}

const isLive = ({ status }: Ticket): boolean => status !== 'closed' && status !== 'rating'

/** Live tickets of two people on the same channel, of which one will be closed: `#1 / #2`. */
const rivals = (mine: readonly Ticket[], theirs: readonly Ticket[]): string[] =>
  mine.filter(isLive).flatMap(one => {
    const other = theirs.filter(isLive).find(({ session }) => session.id === one.session.id)
    return other ? [`#${one.number} / #${other.number}`] : []
  })

function Consequences(props: {
  contacts: readonly [Contact, Contact]
  onBack: () => void
  onClose: () => void
}) {
  const go = useNavigate()
  const [staysId, setStaysId] = createSignal(untrack(() => preferred(props.contacts).id))
  const stays = createMemo(() => props.contacts.find(({ id }) => id === staysId()) ?? props.contacts[0])
  const goes = createMemo(() => props.contacts.find(({ id }) => id !== staysId()) ?? props.contacts[1])
  const [tickets] = createResource(async () =>
    Promise.all(
      props.contacts.map(
        async ({ id }) => (await api.tickets.list({ contactId: id, limit: TICKETS_MAX })).items,
      ),
    ),
  )
  const known = () => (tickets.error ? undefined : tickets.latest)
  const count = () => (known() ?? []).flat().length
  const both = () => rivals(known()?.[0] ?? [], known()?.[1] ?? [])
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const merge = async (event: SubmitEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setBusy(true)
    setError(undefined)
    try {
      await api.contacts.merge(goes().id, stays().id)
      await Promise.all([goes().id, stays().id].map(loadContact))
      say(w('same.done', { stays: contactName(stays()) }))
      props.onClose()
      go(`/contacts/${stays().id}`)
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const names = () => ({ stays: contactName(stays()), goes: contactName(goes()) })
  return (
    <form class="grid gap-3" onSubmit={event => void merge(event)}>
      <fieldset>
        <legend class="mb-1 text-[13px] font-medium text-faint">{w('same.stays')}</legend>
        <For each={props.contacts}>
          {contact => (
            <label class="flex items-center gap-3 rounded-lg px-2 py-1.5 hover:bg-hover">
              <input
                type="radio"
                name="stays"
                data-testid="same-stays"
                checked={contact.id === staysId()}
                onChange={() => setStaysId(contact.id)}
              />
              <Named contact={contact} />
            </label>
          )}
        </For>
      </fieldset>
      <section data-testid="same-says">
        <h3 class="mb-1 text-[13px] font-medium text-faint">{w('same.says')}</h3>
        <ul class="list-disc space-y-1 pl-5 text-[13px]">
          <li>{w('same.shown', names())}</li>
          <li>{w('same.addresses', names())}</li>
          <Show when={count() > 0}>
            <li>{w('same.tickets', { count: count() === TICKETS_MAX * 2 ? `${count()}+` : count() })}</li>
          </Show>
          <Show when={both().length > 0}>
            <li class="font-medium">{w('same.live', { tickets: both().join(', ') })}</li>
          </Show>
          <li>{w('same.undo')}</li>
        </ul>
      </section>
      <div>
        <Button small onClick={() => props.onBack()}>
          {w('back')}
        </Button>
      </div>
      <DialogActions
        error={error()}
        busy={busy()}
        confirm={w('same.confirm')}
        onCancel={() => props.onClose()}
      />
    </form>
  )
}

/** The one with a number; of two with one, or none, the older. */
const preferred = ([one, other]: readonly [Contact, Contact]): Contact => {
  if (Boolean(one.phone) !== Boolean(other.phone)) return one.phone ? one : other
  return other.createdAt < one.createdAt ? other : one
}
