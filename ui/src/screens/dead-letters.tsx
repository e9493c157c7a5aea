import { createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import { api, type DeadLetter } from '../api/index.ts'
import { fullTime, shortTime } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icons.tsx'
import { Empty, Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { onRefetch } from '../sync/visible.ts'
import { HeldBack } from './dead-letters/held-back.tsx'
import { LetterDialog } from './dead-letters/letter-dialog.tsx'

const STATUSES = ['waiting', 'processed', 'dropped', 'erased'] as const
type Status = DeadLetter['status']

const pageOf = (status: Status, cursor: string | null) => api.deadLetters.list({ status, cursor })

/** One list at a time, newest first; more of it on demand. */
const createLetters = () => {
  const [status, setStatus] = createSignal<Status>('waiting')
  const [store, setStore] = createStore<{ items: DeadLetter[] }>({ items: [] })
  const [next, setNext] = createSignal<string | null>(null)
  const [state, setState] = createSignal<'loading' | 'ready' | 'failed'>('loading')
  const [error, setError] = createSignal<unknown>()
  let latest = 0
  const read = async (cursor: string | null) => {
    const mine = ++latest
    try {
      const page = await pageOf(status(), cursor)
      // Another list was asked for meanwhile.
      if (mine !== latest) return
      setStore(
        'items',
        reconcile(cursor === null ? page.items : [...store.items, ...page.items], { key: 'id' }),
      )
      setNext(page.nextCursor)
      setState('ready')
    } catch (failure) {
      if (mine !== latest) return
      setError(failure)
      setState('failed')
    }
  }
  return {
    store,
    status,
    next,
    state,
    error,
    load: () => read(null),
    more: () => read(next()),
    show: (wanted: Status) => {
      setStatus(wanted)
      setState('loading')
      void read(null)
    },
  }
}

/** What came in and could not be processed: nothing that was accepted is lost, an admin decides what becomes of it. */
export default function DeadLetters() {
  const letters = createLetters()
  const [open, setOpen] = createSignal<string>()
  void letters.load()
  onCleanup(onRefetch(letters.load))
  return (
    <Page
      title={t('nav.deadLetters')}
      text={t('deadLetters.text')}
      actions={
        <div role="group" aria-label={t('deadLetters.which')} class="flex flex-wrap gap-1">
          <For each={STATUSES}>
            {status => (
              <Button
                small
                look={letters.status() === status ? 'plain' : 'ghost'}
                aria-pressed={letters.status() === status}
                data-testid={`dead-letters-${status}`}
                onClick={() => letters.show(status)}
              >
                {t(`deadLetters.${status}`)}
              </Button>
            )}
          </For>
        </div>
      }
    >
      <HeldBack onRecovered={() => void letters.load()} />
      <Switch>
        <Match when={letters.state() === 'failed'}>
          <Failure error={letters.error()} onRetry={() => void letters.load()} />
        </Match>
        <Match when={letters.state() === 'loading'}>
          <SkeletonRows count={3} class="h-16" />
        </Match>
        <Match when={letters.store.items.length === 0 && letters.status() === 'waiting'}>
          <Empty icon="check" title={t('deadLetters.empty.title')} text={t('deadLetters.empty.text')} />
        </Match>
        <Match when={letters.store.items.length === 0}>
          <Empty icon="file" title={t('deadLetters.none')} />
        </Match>
        <Match when={true}>
          <ul class="rounded-2xl border border-line bg-surface">
            <For each={letters.store.items}>{letter => <Row letter={letter} onOpen={setOpen} />}</For>
          </ul>
          <Show when={letters.next()}>
            <div class="mt-3 text-center">
              <Button onClick={() => void letters.more()}>{t('showMore')}</Button>
            </div>
          </Show>
        </Match>
      </Switch>
      <Show when={open()} keyed>
        {id => (
          <LetterDialog id={id} onClose={() => setOpen(undefined)} onChanged={() => void letters.load()} />
        )}
      </Show>
    </Page>
  )
}

function Row(props: { letter: DeadLetter; onOpen: (id: string) => void }) {
  return (
    <li data-testid="dead-letter-row" class="border-b border-line last:border-0">
      <button
        type="button"
        class="flex w-full items-start gap-3 px-4 py-3 text-left hover:bg-hover"
        onClick={() => props.onOpen(props.letter.id)}
      >
        <Icon name="alert" size={18} class="mt-0.5 shrink-0 text-faint" />
        <span class="grid min-w-0 flex-1 gap-0.5">
          <span class="truncate font-medium">{props.letter.lastError ?? props.letter.reason}</span>
          <span class="truncate text-[13px] text-faint">
            {props.letter.source}
            <Show when={props.letter.attempts > 0}>
              {' · '}
              {t('deadLetters.attempts', { count: props.letter.attempts })}
            </Show>
          </span>
        </span>
        <time
          class="shrink-0 text-[13px] text-faint"
          datetime={props.letter.createdAt}
          title={fullTime(props.letter.createdAt)}
        >
          {shortTime(props.letter.createdAt)}
        </time>
      </button>
    </li>
  )
}
