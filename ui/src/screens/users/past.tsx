import { createSignal, For, Match, onMount, Show, Switch } from 'solid-js'
import { api, type HistoryEntry, type User } from '../../api/index.ts'
import { fullTime } from '../../i18n/format.ts'
import { Button } from '../../parts/button.tsx'
import { Modal } from '../../parts/dialog.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { maybeW, w } from './words.ts'

const PAGE_SIZE = 30

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const fileIn = ({ data }: HistoryEntry): string => {
  const personal = data['personal'] as { readonly fileName?: unknown } | null | undefined
  return text(personal?.fileName) || w('nameless')
}
/** A type that is younger than this screen is named as it is. */
const line = (entry: HistoryEntry): string =>
  maybeW(entry.type, { file: fileIn(entry), found: text(entry.data['found']) }) ?? entry.type

/** What happened to somebody's account, newest first: who changed it, and which uploads of theirs were refused. */
export default function Past(props: { user: User; onClose: () => void }) {
  const [items, setItems] = createSignal<readonly HistoryEntry[]>()
  const [cursor, setCursor] = createSignal<string | null>(null)
  const [error, setError] = createSignal<unknown>()
  const load = async (): Promise<void> => {
    setError(undefined)
    try {
      const page = await api.users.history(props.user.id, { limit: PAGE_SIZE, cursor: cursor() })
      setItems([...(items() ?? []), ...page.items])
      setCursor(page.nextCursor)
    } catch (failure) {
      setError(failure)
    }
  }
  onMount(() => void load())
  return (
    <Modal open title={w('title', { name: props.user.name })} onClose={() => props.onClose()}>
      <Switch fallback={<SkeletonRows count={3} class="h-10" />}>
        <Match when={error()}>
          <Failure error={error()} onRetry={() => void load()} />
        </Match>
        <Match when={items()}>
          {known => (
            <ol class="grid gap-2 text-[13px]">
              <For each={known()}>
                {entry => (
                  <li data-testid="user-past" class="border-b border-line pb-2 last:border-0">
                    <p classList={{ 'text-danger': entry.type === 'user.uploadRefused' }}>{line(entry)}</p>
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
