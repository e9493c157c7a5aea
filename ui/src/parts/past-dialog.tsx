import { createSignal, For, Match, onMount, Show, Switch } from 'solid-js'
import type { HistoryEntry, Page } from '../api/index.ts'
import { fullTime } from '../i18n/format.ts'
import { Button } from './button.tsx'
import { Modal } from './dialog.tsx'
import { Failure, SkeletonRows } from './states.tsx'

/** What happened to somebody, newest first, a page at a time: what it was, when, and who did it. */
export function PastDialog(props: {
  title: string
  /** Each entry is found by it. */
  testid: string
  page: (cursor: string | null) => Promise<Page<HistoryEntry>>
  line: (entry: HistoryEntry) => string
  /** What somebody should look at. */
  alarms?: (entry: HistoryEntry) => boolean
  /** `null`: the server itself. */
  by: (who: string | null) => string
  older: string
  onClose: () => void
}) {
  const [items, setItems] = createSignal<readonly HistoryEntry[]>()
  const [cursor, setCursor] = createSignal<string | null>(null)
  const [error, setError] = createSignal<unknown>()
  const load = async (): Promise<void> => {
    setError(undefined)
    try {
      const page = await props.page(cursor())
      setItems([...(items() ?? []), ...page.items])
      setCursor(page.nextCursor)
    } catch (failure) {
      setError(failure)
    }
  }
  onMount(() => void load())
  return (
    <Modal open title={props.title} onClose={() => props.onClose()}>
      <Switch fallback={<SkeletonRows count={3} class="h-10" />}>
        <Match when={error()}>
          <Failure error={error()} onRetry={() => void load()} />
        </Match>
        <Match when={items()}>
          {known => (
            <ol class="grid gap-2 text-[13px]">
              <For each={known()}>
                {entry => (
                  <li data-testid={props.testid} class="border-b border-line pb-2 last:border-0">
                    <p classList={{ 'text-danger': props.alarms?.(entry) === true }}>{props.line(entry)}</p>
                    <p class="text-xs text-faint">
                      <time datetime={entry.at}>{fullTime(entry.at)}</time>
                      {' · '}
                      {props.by(entry.actor.name)}
                    </p>
                  </li>
                )}
              </For>
              <Show when={cursor()}>
                <Button onClick={() => void load()}>{props.older}</Button>
              </Show>
            </ol>
          )}
        </Match>
      </Switch>
    </Modal>
  )
}
