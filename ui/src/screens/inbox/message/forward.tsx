import { createEffect, createSignal, For, Match, on, onCleanup, Show, Switch } from 'solid-js'
import { api, type Contact, type Message, type Ticket } from '../../../api/index.ts'
import { explain } from '../../../i18n/explain.ts'
import { contactName, phoneNumber } from '../../../i18n/format.ts'
import { Avatar } from '../../../parts/avatar.tsx'
import { Modal } from '../../../parts/dialog.tsx'
import { inputClass } from '../../../parts/field.tsx'
import { Failure, SkeletonRows } from '../../../parts/states.tsx'
import { say } from '../../../parts/toasts.tsx'
import { kindName } from '../preview.ts'
import { w } from './words.ts'

const SEARCH_MILLISECONDS = 220
const FOUND_MAX = 20
/** An own conversation, or a contact with whom one is opened. */
type Goal = { readonly contact: Ticket['contact'] | Contact; readonly ticket?: Ticket }

const goalsFor = async (q: string): Promise<Goal[]> => {
  const asked = q === '' ? {} : { q }
  const [mine, people] = await Promise.all([
    api.tickets.list({ status: 'open', userId: 'me', limit: FOUND_MAX, ...asked }),
    q === '' ? { items: [] } : api.contacts.list({ limit: FOUND_MAX, q }),
  ])
  const open = mine.items.map(ticket => ({ ticket, contact: ticket.contact }))
  const known = new Set(open.map(({ contact }) => contact.id))
  const others = people.items.filter(({ id, blocked, erased }) => !known.has(id) && !blocked && !erased)
  return [...open, ...others.map(contact => ({ contact }))]
}

/** Says a message again elsewhere: in one's own conversations, or to a contact, for whom one is opened. */
export default function Forward(props: { ticket: Ticket; message: Message; onClose: () => void }) {
  const [q, setQ] = createSignal('')
  const [goals, setGoals] = createSignal<readonly Goal[]>()
  const [unfound, setUnfound] = createSignal<unknown>()
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal<string>()
  /** Pressing twice, or again after a cut line, is one message to each. */
  const keys = new Map<string, string>()
  let round = 0
  const load = async () => {
    const mine = ++round
    setUnfound(undefined)
    try {
      const found = await goalsFor(q().trim())
      if (mine === round) setGoals(found.filter(({ ticket }) => ticket?.id !== props.ticket.id))
    } catch (failure) {
      if (mine === round) setUnfound(failure)
    }
  }
  createEffect(
    on(q, (_, before) => {
      const timer = setTimeout(() => void load(), before === undefined ? 0 : SEARCH_MILLISECONDS)
      onCleanup(() => clearTimeout(timer))
    }),
  )
  const send = async ({ contact, ticket }: Goal) => {
    if (busy()) return
    setBusy(contact.id)
    setError(undefined)
    const key = keys.get(contact.id) ?? crypto.randomUUID()
    keys.set(contact.id, key)
    try {
      const to = ticket?.id ?? (await api.tickets.open(contact.id, props.ticket.session.id)).id
      await api.tickets.forward(props.ticket.id, props.message.id, to, key)
      say(w('forward.done', { name: contactName(contact) }))
      props.onClose()
    } catch (failure) {
      setError(failure)
      setBusy(undefined)
    }
  }
  const group = (mine: boolean) => (goals() ?? []).filter(({ ticket }) => (ticket !== undefined) === mine)
  return (
    <Modal open title={w('forward.title')} onClose={() => props.onClose()}>
      <p class="mb-3 truncate rounded-lg bg-hover px-3 py-1.5 text-[13px] text-soft">
        {props.message.body || kindName(props.message.kind)}
      </p>
      <input
        type="search"
        data-testid="forward-search"
        class={inputClass}
        aria-label={w('forward.search')}
        placeholder={w('forward.search')}
        value={q()}
        onInput={event => setQ(event.currentTarget.value)}
      />
      <Show when={error()}>
        <p role="alert" class="mt-2 text-[13px] text-danger">
          {explain(error())}
        </p>
      </Show>
      <div class="mt-2 h-72 overflow-y-auto" data-testid="forward-list">
        <Switch>
          <Match when={unfound()}>
            <Failure error={unfound()} onRetry={() => void load()} />
          </Match>
          <Match when={!goals()}>
            <SkeletonRows count={4} class="h-14" />
          </Match>
          <Match when={goals()?.length === 0}>
            <p class="px-1 py-4 text-faint" role="status">
              {q().trim() === '' ? w('forward.noneYet') : w('forward.none')}
            </p>
          </Match>
          <Match when={true}>
            <For each={[true, false].filter(mine => group(mine).length > 0)}>
              {mine => (
                <section>
                  <h3 class="px-2 pt-2 pb-1 text-xs font-medium text-faint">
                    {w(mine ? 'forward.mine' : 'forward.contacts')}
                  </h3>
                  <ul>
                    <For each={group(mine)}>
                      {goal => (
                        <li>
                          <GoalRow
                            goal={goal}
                            session={props.ticket.session.name}
                            busy={busy() === goal.contact.id}
                            onPick={() => void send(goal)}
                          />
                        </li>
                      )}
                    </For>
                  </ul>
                </section>
              )}
            </For>
          </Match>
        </Switch>
      </div>
    </Modal>
  )
}

function GoalRow(props: { goal: Goal; session: string; busy: boolean; onPick: () => void }) {
  const under = () => {
    const { ticket, contact } = props.goal
    if (ticket) return `#${ticket.number} · ${ticket.session.name}`
    const phone = contact.phone && contact.name ? `${phoneNumber(contact.phone)} · ` : ''
    return `${phone}${w('forward.opens', { session: props.session })}`
  }
  return (
    <button
      type="button"
      data-testid="forward-goal"
      aria-busy={props.busy}
      class="ring-inner flex w-full items-center gap-3 rounded-lg px-2 py-1.5 text-left hover:bg-hover aria-busy:animate-pulse"
      onClick={() => props.onPick()}
    >
      <Avatar id={props.goal.contact.id} name={props.goal.contact.name} group={props.goal.contact.isGroup} />
      <span class="min-w-0 flex-1">
        <span class="block truncate font-medium">{contactName(props.goal.contact)}</span>
        <span class="block truncate text-xs text-faint">{under()}</span>
      </span>
    </button>
  )
}
