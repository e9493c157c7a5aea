import { createSignal, For, Match, onCleanup, Switch } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import { api, type QuarantinedActor } from '../../api/index.ts'
import { explain } from '../../i18n/explain.ts'
import { fullTime, shortTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { say } from '../../parts/toasts.tsx'
import { onRefetch } from '../../sync/visible.ts'

const keyOf = ({ type, id }: QuarantinedActor): string => `${type}.${id}`

/** What the engine holds back after repeated failures, and a way to have it tried again. */
export function HeldBack(props: { onRecovered: () => void }) {
  const [store, setStore] = createStore<{ items: QuarantinedActor[] }>({ items: [] })
  const [state, setState] = createSignal<'loading' | 'ready' | 'failed'>('loading')
  const [error, setError] = createSignal<unknown>()
  const [trying, setTrying] = createSignal<string>()
  const load = async () => {
    try {
      const { items } = await api.quarantine.list()
      setStore('items', reconcile(items))
      setState('ready')
    } catch (failure) {
      setError(failure)
      setState('failed')
    }
  }
  const retry = async (actor: QuarantinedActor) => {
    setTrying(keyOf(actor))
    try {
      const { recovered, reason } = await api.quarantine.retry(actor.type, actor.id)
      say(recovered ? t('quarantine.recovered') : t('quarantine.still', { reason: reason ?? '' }), !recovered)
      if (recovered) props.onRecovered()
    } catch (failure) {
      say(explain(failure), true)
    }
    setTrying(undefined)
    await load()
  }
  void load()
  onCleanup(onRefetch(load))
  return (
    <section aria-label={t('quarantine.title')} class="mb-4 min-h-6" data-testid="held-back">
      <Switch>
        <Match when={state() === 'failed'}>
          <div role="alert" class="flex items-center gap-3 text-danger">
            <span>{explain(error())}</span>
            <Button small icon="refresh" onClick={() => void load()}>
              {t('retry')}
            </Button>
          </div>
        </Match>
        <Match when={state() === 'ready' && store.items.length === 0}>
          <p class="flex items-center gap-2 text-[13px] text-faint">
            <Icon name="check" size={14} /> {t('quarantine.none')}
          </p>
        </Match>
        <Match when={store.items.length > 0}>
          <h2 class="font-semibold">{t('quarantine.title')}</h2>
          <p class="mb-2 text-[13px] text-faint">{t('quarantine.text')}</p>
          <ul class="rounded-2xl border border-line bg-surface">
            <For each={store.items}>
              {actor => (
                <li
                  data-testid="held-back-row"
                  class="flex items-start gap-3 border-b border-line px-4 py-3 last:border-0"
                >
                  <Icon name="alert" size={18} class="mt-0.5 shrink-0 text-danger" />
                  <span class="grid min-w-0 flex-1 gap-0.5">
                    <span class="truncate font-medium">
                      {actor.type} {actor.id}
                    </span>
                    <span class="text-[13px] break-words text-faint">{actor.reason}</span>
                    <span class="text-[13px] text-faint">
                      {t('quarantine.failures', { count: actor.failures })}
                      {' · '}
                      <time datetime={actor.since} title={fullTime(actor.since)}>
                        {shortTime(actor.since)}
                      </time>
                    </span>
                  </span>
                  <Button
                    small
                    busy={trying() === keyOf(actor)}
                    data-testid="held-back-retry"
                    onClick={() => void retry(actor)}
                  >
                    {t('quarantine.retry')}
                  </Button>
                </li>
              )}
            </For>
          </ul>
        </Match>
      </Switch>
    </section>
  )
}
