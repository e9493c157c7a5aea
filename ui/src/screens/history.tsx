import { A, useParams, useSearchParams } from '@solidjs/router'
import { createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js'
import { createStore } from 'solid-js/store'
import { api, type HistoryEntry, type Message, type Ticket } from '../api/index.ts'
import { contactName } from '../i18n/format.ts'
import { t, tn } from '../i18n/index.ts'
import { Icon } from '../parts/icons.tsx'
import { StatusPill } from '../parts/pills.tsx'
import { Failure, SkeletonRows } from '../parts/states.tsx'
import { loadTicket, ticketOf } from '../stores/tickets.ts'
import { onRefetch } from '../sync/visible.ts'
import { PastThread } from './history/past-thread.tsx'
import { Timeline } from './history/timeline.tsx'
import { Verified } from './history/verified.tsx'
import { TravelBar } from './history/travel-bar.tsx'

const PAGE_SIZE = 100
const STATES_KEPT = 200

type Past = { ticket: Ticket; messages: readonly Message[] }

/** A ticket's life: every fact in plain words, and the conversation as it was after any of them. */
export default function History() {
  const params = useParams<{ id: string }>()
  return (
    <Show when={params.id} keyed>
      {id => <HistoryOf id={id} />}
    </Show>
  )
}

function HistoryOf(props: { id: string }) {
  const [query, setQuery] = useSearchParams<{ at?: string }>()
  const [log, setLog] = createStore<{ entries: HistoryEntry[] }>({ entries: [] })
  const [error, setError] = createSignal<unknown>()
  const [past, setPast] = createSignal<Past>()
  const kept = new Map<number, Past>()
  const loaded = () => log.entries.at(-1)?.revision ?? 0
  /** Known from the ticket before all of its facts are here, so that the slider does not grow under the hand. */
  const last = () => Math.max(loaded(), ticketOf(props.id)?.revision ?? 0)
  const revision = createMemo(() => {
    const asked = Number(query.at ?? Number.NaN)
    return Number.isInteger(asked) ? Math.min(Math.max(asked, 0), last()) : last()
  })
  const goTo = (to: number) =>
    setQuery({ at: String(Math.min(Math.max(to, 0), last())) }, { replace: true, scroll: false })

  let cursor: string | null = null
  let busy = false
  /** Loads whatever the log has beyond what is here. */
  const load = async (): Promise<void> => {
    if (busy) return
    busy = true
    setError(undefined)
    try {
      let more = true
      while (more) {
        const page = await api.tickets.history(props.id, { limit: PAGE_SIZE, cursor })
        const known = loaded()
        const fresh =
          log.entries.length === 0 ? page.items : page.items.filter(entry => entry.revision > known)
        setLog('entries', old => [...old, ...fresh])
        more = page.nextCursor !== null
        if (page.nextCursor !== null) cursor = page.nextCursor
      }
    } catch (failure) {
      setError(failure)
    } finally {
      busy = false
    }
  }
  const start = async () => {
    await Promise.all([load(), loadTicket(props.id).catch(setError)])
  }
  onMount(() => void start())
  onCleanup(onRefetch(start))
  createEffect(
    on(
      () => ticketOf(props.id)?.revision,
      now => now !== undefined && log.entries.length > 0 && now > loaded() && void load(),
      { defer: true },
    ),
  )

  createEffect(
    on([revision, () => log.entries.length > 0], ([at, ready]) => {
      if (!ready) return
      const known = kept.get(at)
      if (known) return void setPast(known)
      let current = true
      onCleanup(() => (current = false))
      api.tickets.at(props.id, at).then(
        state => {
          if (kept.size > STATES_KEPT) kept.clear()
          kept.set(at, state)
          if (current) setPast(state)
        },
        failure => current && setError(failure),
      )
    }),
  )

  const ticket = () => ticketOf(props.id)
  return (
    <main class="flex min-w-0 flex-1 flex-col" data-testid="history">
      <header class="flex h-16 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:px-4">
        <A
          href={`/tickets/${props.id}`}
          aria-label={t('back')}
          title={t('back')}
          class="grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-hover"
        >
          <Icon name="back" />
        </A>
        <div class="min-w-0 flex-1">
          <h1 class="truncate font-semibold">
            {t('history.title')}
            <Show when={ticket()}>
              {present => <span class="font-normal text-soft"> · {contactName(present().contact)}</span>}
            </Show>
          </h1>
          <p class="flex items-center gap-2 text-xs text-faint">
            <Show when={ticket()}>{present => <span>#{present().number}</span>}</Show>
            <span>{tn('history.facts', log.entries.length)}</span>
          </p>
        </div>
        <Verified />
        <Show when={past()}>
          {state => (
            <span class="flex items-center gap-2 text-xs text-faint">
              <span class="max-sm:sr-only">{t('history.then')}</span>
              <StatusPill status={state().ticket.status} />
            </span>
          )}
        </Show>
      </header>
      <Switch>
        <Match when={error() && log.entries.length === 0}>
          <Failure error={error()} onRetry={() => void start()} />
        </Match>
        <Match when={log.entries.length === 0}>
          <SkeletonRows count={8} class="h-14" />
        </Match>
        <Match when={true}>
          <TravelBar
            revision={revision()}
            last={last()}
            entry={log.entries.find(entry => entry.revision === revision())}
            onGo={goTo}
          />
          <div class="flex min-h-0 flex-1 max-md:flex-col">
            <section aria-label={t('history.then')} class="min-h-0 min-w-0 flex-1">
              <PastThread past={past()} />
            </section>
            <section
              aria-label={t('history.timeline')}
              class="min-h-0 overflow-y-auto border-line bg-surface max-md:h-2/5 max-md:border-t md:w-96 md:border-l"
            >
              <Timeline entries={log.entries} at={revision()} contact={ticket()} onGo={goTo} />
            </section>
          </div>
        </Match>
      </Switch>
    </main>
  )
}
