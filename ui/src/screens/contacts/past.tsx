import { createSignal, For, Match, onMount, Show, Switch } from 'solid-js'
import { api, type Contact, type HistoryEntry } from '../../api/index.ts'
import { contactName, fullTime, phoneNumber } from '../../i18n/format.ts'
import { Button } from '../../parts/button.tsx'
import { Modal } from '../../parts/dialog.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { maybeW, w } from './words.ts'

const PAGE_SIZE = 30

type Personal = {
  readonly name?: string | null
  readonly phone?: string | null
  readonly address?: { readonly kind: string; readonly value: string }
}
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

const addressOf = ({ address }: Personal): string =>
  address?.kind === 'phone' ? phoneNumber(address.value) : (address?.value ?? '')

/** A type that is younger than this screen is named as it is. */
const line = ({ type, data }: HistoryEntry): string => {
  const personal = (data['personal'] ?? {}) as Personal
  const said = {
    name: personal.name ?? (personal.phone ? phoneNumber(personal.phone) : w('nameless')),
    address: addressOf(personal),
    joined: text(data['conversationsJoined']),
    closed: text(data['ticketsClosed']),
  }
  return maybeW(`${type}.${text(data['reason'])}`, said) ?? maybeW(type, said) ?? type
}

/** What happened to a contact, newest first: names, addresses, and who joined it to whom. */
export default function Past(props: { contact: Contact; onClose: () => void }) {
  const [items, setItems] = createSignal<readonly HistoryEntry[]>()
  const [cursor, setCursor] = createSignal<string | null>(null)
  const [error, setError] = createSignal<unknown>()
  const load = async (): Promise<void> => {
    setError(undefined)
    try {
      const page = await api.contacts.history(props.contact.id, { limit: PAGE_SIZE, cursor: cursor() })
      setItems([...(items() ?? []), ...page.items])
      setCursor(page.nextCursor)
    } catch (failure) {
      setError(failure)
    }
  }
  onMount(() => void load())
  return (
    <Modal
      open
      title={w('history.title', { name: contactName(props.contact) })}
      onClose={() => props.onClose()}
    >
      <Switch fallback={<SkeletonRows count={3} class="h-10" />}>
        <Match when={error()}>
          <Failure error={error()} onRetry={() => void load()} />
        </Match>
        <Match when={items()}>
          {known => (
            <ol class="grid gap-2 text-[13px]">
              <For each={known()}>
                {entry => (
                  <li data-testid="contact-past" class="border-b border-line pb-2 last:border-0">
                    <p>{line(entry)}</p>
                    <p class="text-xs text-faint">
                      <time datetime={entry.at}>{fullTime(entry.at)}</time>
                      {' · '}
                      {w('by', { who: entry.actor.name ?? w('server') })}
                    </p>
                  </li>
                )}
              </For>
              <Show when={cursor()}>
                <Button onClick={() => void load()}>{w('older')}</Button>
              </Show>
            </ol>
          )}
        </Match>
      </Switch>
    </Modal>
  )
}
