import { createEffect, createMemo, createSignal, For, Match, on, onCleanup, Show, Switch } from 'solid-js'
import { api, type HistoryEntry } from '../../api/index.ts'
import { clockTime, dayName, dayOf, fullTime } from '../../i18n/format.ts'
import { Button } from '../../parts/button.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { onRefetch } from '../../sync/visible.ts'
import { codeIn, isBreak, sentence } from './history-words.ts'
import { w } from './words.ts'

const PAGE_ENTRIES = 40

/** Newest first; a younger page is laid over what is there, an older one under it. */
const createLog = (sessionId: () => string) => {
  const [entries, setEntries] = createSignal<readonly HistoryEntry[]>([])
  const [next, setNext] = createSignal<string | null>(null)
  const [state, setState] = createSignal<'loading' | 'ready' | 'failed'>('loading')
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  const read = async (cursor: string | null): Promise<void> => {
    const asked = sessionId()
    try {
      const page = await api.sessions.history(asked, { cursor, limit: PAGE_ENTRIES })
      if (asked !== sessionId()) return
      const known = new Map([...entries(), ...page.items].map(entry => [entry.revision, entry]))
      const first = entries().length === 0
      // More happened than one page tells: what lies between is asked for from there.
      const newest = entries()[0]?.revision ?? -1
      const apart = !first && cursor === null && (page.items.at(-1)?.revision ?? 0) > newest + 1
      setEntries(apart ? page.items : [...known.values()].sort((a, b) => b.revision - a.revision))
      if (first || apart || cursor !== null) setNext(page.nextCursor)
      setState('ready')
    } catch (failure) {
      setError(failure)
      if (state() !== 'ready') setState('failed')
    }
  }
  const more = async () => {
    setBusy(true)
    await read(next())
    setBusy(false)
  }
  return { entries, next, state, error, busy, load: () => read(null), more }
}

const iconOf = (entry: HistoryEntry): IconName => {
  const { type } = entry
  if (type === 'session.connected') return 'check'
  if (type === 'session.disconnected') return 'alert'
  if (type === 'session.gapRecorded') return isBreak(entry) ? 'clock' : 'info'
  if (type === 'session.owned') return 'plug'
  if (type === 'session.startRequested') return 'play'
  if (type === 'session.stopped') return 'pause'
  if (type === 'session.changed') return 'edit'
  if (type === 'session.awaitingScan') return 'phone'
  return isBreak(entry) ? 'alert' : 'info'
}

/** What happened to a channel. `revision`: of the channel as it is shown; when it moves, there is more to tell. */
export function SessionHistory(props: { sessionId: string; revision: number }) {
  const log = createLog(() => props.sessionId)
  const [only, setOnly] = createSignal(false)
  const shown = createMemo(() => log.entries().filter(entry => !only() || isBreak(entry)))
  createEffect(
    on(
      () => [props.sessionId, props.revision],
      () => void log.load(),
    ),
  )
  onCleanup(onRefetch(log.load))
  return (
    <section aria-labelledby="session-history" class="rounded-2xl border border-line bg-surface">
      <div class="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2.5">
        <h2 id="session-history" class="font-semibold">
          {w('history')}
        </h2>
        <div role="group" aria-labelledby="session-history" class="flex gap-1">
          <For each={[false, true]}>
            {value => (
              <Button
                small
                look={only() === value ? 'plain' : 'ghost'}
                aria-pressed={only() === value}
                onClick={() => setOnly(value)}
              >
                {w(value ? 'history.breaks' : 'history.all')}
              </Button>
            )}
          </For>
        </div>
      </div>
      <Switch>
        <Match when={log.state() === 'failed'}>
          <Failure error={log.error()} onRetry={() => void log.load()} />
        </Match>
        <Match when={log.state() === 'loading'}>
          <SkeletonRows count={6} class="h-12" />
        </Match>
        <Match when={true}>
          <Show
            when={shown().length > 0}
            fallback={<p class="px-4 py-6 text-faint">{w('history.noBreaks')}</p>}
          >
            <ol class="py-1" data-testid="session-history">
              <For each={shown()}>
                {(entry, index) => <Row entry={entry} newDay={!sameDay(entry, shown()[index() - 1])} />}
              </For>
            </ol>
          </Show>
          <Show when={log.next()}>
            <p class="border-t border-line p-3 text-center">
              <Button small busy={log.busy()} onClick={() => void log.more()}>
                {w('history.older')}
              </Button>
            </p>
          </Show>
        </Match>
      </Switch>
    </section>
  )
}

const sameDay = (entry: HistoryEntry, before: HistoryEntry | undefined): boolean =>
  before !== undefined && dayOf(entry.at) === dayOf(before.at)

function Row(props: { entry: HistoryEntry; newDay: boolean }) {
  const broke = () => isBreak(props.entry)
  return (
    <li data-testid="session-history-entry" data-type={props.entry.type}>
      <Show when={props.newDay}>
        <p class="px-4 pt-2 pb-1 text-xs font-medium text-faint">{dayName(props.entry.at)}</p>
      </Show>
      <div class="flex gap-2.5 px-4 py-1.5">
        <Icon
          name={iconOf(props.entry)}
          size={16}
          class={`mt-0.5 shrink-0 ${broke() ? 'text-danger' : 'text-faint'}`}
        />
        <p class="min-w-0 flex-1 break-words">
          {sentence(props.entry)}
          <Show when={codeIn(props.entry)}>
            {code => <span class="text-faint"> · {w('code', { code: code() })}</span>}
          </Show>
        </p>
        <time
          class="shrink-0 text-xs leading-5 text-faint tabular-nums"
          datetime={props.entry.at}
          title={fullTime(props.entry.at)}
        >
          {clockTime(props.entry.at)}
        </time>
      </div>
    </li>
  )
}
