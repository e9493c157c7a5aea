import { createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import { api, type ProjectionsStatus, type RebuildStatus } from '../api/index.ts'
import { fullTime, number, shortTime } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Empty, Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { isSuperAdmin } from '../stores/auth.ts'
import { onRefetch } from '../sync/visible.ts'

const RUNNING_POLL_MS = 1_000
const QUIET_POLL_MS = 10_000

const isRunning = (rebuild: RebuildStatus | null): boolean =>
  rebuild !== null && rebuild.state !== 'done' && rebuild.state !== 'failed'

/** How the read models are doing, looked up again and again while the screen is open: often while they are made. */
const createStatus = () => {
  const [store, setStore] = createStore<{ status: ProjectionsStatus | null }>({ status: null })
  const [error, setError] = createSignal<unknown>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  const load = async (): Promise<void> => {
    clearTimeout(timer)
    try {
      setStore('status', reconcile(await api.projections.status()))
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
    clearTimeout(timer)
    const ms = isRunning(store.status?.rebuild ?? null) ? RUNNING_POLL_MS : QUIET_POLL_MS
    if (!over) timer = setTimeout(() => void load(), ms)
  }
  onCleanup(() => {
    over = true
    clearTimeout(timer)
  })
  return { store, error, load }
}

/**
 * What admins want to know of the machine: are the screens up to date, what could not be shown. Super-admins may have it
 * all made again, which is every company's.
 */
export default function System() {
  const { store, error, load } = createStatus()
  const [asking, setAsking] = createSignal(false)
  const askAndLook = () => api.projections.rebuild().then(load)
  void load()
  onCleanup(onRefetch(load))
  return (
    <Page
      title={t('nav.system')}
      text={t('system.text')}
      actions={
        <Show when={isSuperAdmin()}>
          <Button
            icon="refresh"
            data-testid="rebuild"
            disabled={!store.status || isRunning(store.status.rebuild)}
            onClick={() => setAsking(true)}
          >
            {t('system.rebuild')}
          </Button>
        </Show>
      }
    >
      <Switch>
        <Match when={!store.status && error()}>
          <Failure error={error()} onRetry={() => void load()} />
        </Match>
        <Match when={!store.status}>
          <SkeletonRows count={3} class="h-16" />
        </Match>
        <Match when={store.status}>
          {status => (
            <div class="grid gap-5">
              <Show when={error()}>
                <Failure error={error()} onRetry={() => void load()} />
              </Show>
              <Show when={status().rebuild}>{rebuild => <Rebuild rebuild={rebuild()} />}</Show>
              <ReadModels status={status()} />
              <Poisoned status={status()} />
            </div>
          )}
        </Match>
      </Switch>
      <Confirm
        open={asking()}
        title={t('system.rebuild.title')}
        text={t('system.rebuild.text')}
        confirm={t('system.rebuild')}
        onClose={() => setAsking(false)}
        run={askAndLook}
      />
    </Page>
  )
}

function Rebuild(props: { rebuild: RebuildStatus }) {
  const percent = () => {
    const { factsDone, factsTotal, state } = props.rebuild
    if (state === 'indexes' || state === 'swapping') return 100
    return factsTotal ? Math.min(100, Math.round((factsDone / factsTotal) * 100)) : 0
  }
  return (
    <section
      data-testid="rebuild-state"
      class="grid gap-2 rounded-2xl border border-line bg-surface px-4 py-3"
    >
      <Switch>
        <Match when={props.rebuild.state === 'done'}>
          <p class="text-faint">
            {t('system.rebuild.done', {
              at: fullTime(props.rebuild.endedAt ?? props.rebuild.updatedAt),
              count: number(props.rebuild.factsDone),
            })}
          </p>
        </Match>
        <Match when={props.rebuild.state === 'failed'}>
          <p class="text-danger">{t('system.rebuild.failed', { error: props.rebuild.error ?? '' })}</p>
        </Match>
        <Match when={isRunning(props.rebuild)}>
          <p class="font-medium">{t(`system.rebuild.${props.rebuild.state}`)}</p>
          <div
            role="progressbar"
            aria-label={t('system.rebuild')}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent()}
            class="h-2 overflow-hidden rounded-full bg-hover"
          >
            <div class="h-full bg-accent transition-[width]" style={{ width: `${percent()}%` }} />
          </div>
          <p class="text-[13px] text-faint">
            {t('system.rebuild.progress', {
              done: number(props.rebuild.factsDone),
              total: props.rebuild.factsTotal === null ? '…' : number(props.rebuild.factsTotal),
              rate: number(props.rebuild.factsPerSecond ?? 0),
            })}
            <Show when={props.rebuild.etaSeconds}>
              {seconds => ` · ${t('system.rebuild.eta', { seconds: number(seconds()) })}`}
            </Show>
          </p>
        </Match>
      </Switch>
    </section>
  )
}

function ReadModels(props: { status: ProjectionsStatus }) {
  return (
    <section class="grid gap-2">
      <h2 class="flex items-baseline gap-2 font-medium">
        {t('system.projections')}
        <span data-testid="lag" class="text-[13px] font-normal text-faint">
          {props.status.behind > 0
            ? `${t('system.behind', { count: number(props.status.behind) })} · ${t('system.lag', { seconds: number(Math.round(props.status.lagSeconds)) })}`
            : t('system.position')}
        </span>
      </h2>
      <ul class="grid gap-x-6 rounded-2xl border border-line bg-surface px-4 py-2 sm:grid-cols-2">
        <For each={props.status.projections}>
          {one => (
            <li class="flex items-baseline gap-2 py-1">
              <span class="min-w-0 flex-1 truncate">{one.name}</span>
              <Show when={one.poisoned > 0}>
                <span class="text-[13px] text-danger">
                  {t('system.poisoned.count', { count: number(one.poisoned) })}
                </span>
              </Show>
              <span class="text-[13px] text-faint">{t('system.version', { version: one.version })}</span>
            </li>
          )}
        </For>
      </ul>
    </section>
  )
}

function Poisoned(props: { status: ProjectionsStatus }) {
  return (
    <section class="grid gap-2">
      <Show
        when={props.status.poisoned.length > 0}
        fallback={<Empty icon="check" title={t('system.poisoned.none')} />}
      >
        <h2 class="font-medium">{t('system.poisoned')}</h2>
        <p class="text-[13px] text-faint">{t('system.poisoned.text')}</p>
        <ul class="rounded-2xl border border-line bg-surface">
          <For each={props.status.poisoned}>
            {fact => (
              <li
                data-testid="poisoned-row"
                class="grid gap-0.5 border-b border-line px-4 py-3 last:border-0"
              >
                <span class="flex items-baseline gap-2">
                  <span class="min-w-0 flex-1 truncate font-medium">{fact.type}</span>
                  <time class="text-[13px] text-faint" datetime={fact.at} title={fullTime(fact.at)}>
                    {shortTime(fact.at)}
                  </time>
                </span>
                <span class="break-words text-[13px]">{fact.reason}</span>
                <span class="break-all text-[13px] text-faint">
                  {fact.stream}@{fact.revision} · {fact.readModel} · {fact.eventId}
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  )
}
