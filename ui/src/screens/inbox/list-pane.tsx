import {
  createEffect,
  createUniqueId,
  For,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Suspense,
  Switch,
} from 'solid-js'
import { explain } from '../../i18n/explain.ts'
import { number } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { inputClass, SelectField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { Empty, Failure, SkeletonRows } from '../../parts/states.tsx'
import { queues, sessions } from '../../stores/directory.ts'
import * as inbox from '../../stores/inbox.ts'
import { createTicketList, type TicketList } from '../../stores/ticket-list.ts'
import { createStored } from '../../stores/stored.ts'
import { narrow } from '../../stores/narrow.ts'
import { counts } from '../../stores/tickets.ts'
import { onRefetch } from '../../sync/visible.ts'
import { FirstRun, isFirstRun } from './first-run.tsx'
import { createRowWindow } from './row-window.ts'
import { TicketRow } from './ticket-row.tsx'
import { lazyPart } from '../../sync/load-part.ts'

/** Loaded when somebody searches. */
const FoundMessages = lazyPart(() => import('./found-messages.tsx'))

const ROW_PIXELS = 76
const OVERSCAN_ROWS = 4
const MORE_WITHIN_ROWS = 12
const PANEL = 'ticket-panel'

export type ListHandle = { ids: () => readonly string[]; show: (index: number) => void }

const countOf = (name: inbox.Tab): number | undefined => {
  const all = counts()
  if (!all) return undefined
  return { mine: all.mine, waiting: all.pending, open: all.open, closed: all.closed }[name]
}

/** Until it is known whether there is anything to choose from, the room is kept that was needed the last time. */
const [hadFilters, setHadFilters] = createStored('filters', true)
const hasFilters = (): boolean =>
  queues.state() === 'ready' && sessions.state() === 'ready'
    ? queues.items.length > 0 || sessions.items.length > 1
    : hadFilters()

/** The left pane: tabs with live numbers, search, filters, and the list itself. */
export function ListPane(props: {
  chosen: string | undefined
  onHelp: () => void
  handle: (handle: ListHandle | undefined) => void
}) {
  createEffect(on(hasFilters, has => void setHadFilters(has)))
  return (
    <div class="flex h-full min-h-0 flex-col">
      <div class="grid gap-2 border-b border-line px-3 pt-2.5 pb-0">
        <div class="flex items-center gap-1.5">
          <h1 class="sr-only">{t('nav.inbox')}</h1>
          <div class="relative min-w-0 flex-1">
            <Icon name="search" size={16} class="pointer-events-none absolute top-2.5 left-2.5 text-faint" />
            <input
              type="search"
              data-testid="inbox-search"
              data-search
              aria-label={t('inbox.search')}
              placeholder={t('inbox.search')}
              class={`${inputClass} pl-8`}
              value={inbox.search()}
              onInput={e => inbox.setSearch(e.currentTarget.value)}
            />
          </div>
          <IconButton
            label={t('shortcuts')}
            icon="keyboard"
            class="max-md:hidden"
            onClick={() => props.onHelp()}
          />
        </div>
        <Show when={hasFilters()}>
          <div class="grid grid-cols-2 gap-1.5">
            <SelectField
              label={t('filter.queue')}
              hideLabel
              value={inbox.queueFilter()}
              onPick={inbox.setQueueFilter}
              choices={[
                { value: '', label: t('filter.allQueues') },
                { value: 'none', label: t('filter.noQueue') },
                ...queues.items.map(queue => ({ value: queue.id, label: queue.name })),
              ]}
            />
            <SelectField
              label={t('filter.session')}
              hideLabel
              value={inbox.sessionFilter()}
              onPick={inbox.setSessionFilter}
              choices={[
                { value: '', label: t('filter.allSessions') },
                ...sessions.items.map(session => ({ value: session.id, label: session.name })),
              ]}
            />
          </div>
        </Show>
        <Tabs
          class="-mx-1 flex"
          label={t('nav.inbox')}
          names={inbox.TABS}
          chosen={inbox.tab()}
          onChoose={inbox.setTab}
          panel={PANEL}
        >
          {name => (
            <>
              <span
                class="h-4.5 text-[14px] font-semibold text-ink tabular-nums"
                data-testid={`count-${name}`}
              >
                {countOf(name) === undefined ? '' : number(countOf(name) ?? 0)}
              </span>
              {t(`tab.${name}`)}
            </>
          )}
        </Tabs>
      </div>
      <div
        role="tabpanel"
        id={PANEL}
        aria-label={t(`tab.${inbox.tab()}`)}
        class="flex min-h-0 flex-1 flex-col"
      >
        <Show when={inbox.tab() === 'waiting'}>
          <WaitingOrder />
        </Show>
        <Show when={inbox.holdsSnoozed(inbox.tab())}>
          <SnoozeFilter />
        </Show>
        {/* A new question is a new list; typing in the search asks when the hand rests. */}
        <Show when={inbox.listKey()} keyed>
          {_ => <List chosen={props.chosen} handle={props.handle} />}
        </Show>
      </div>
      <Show when={inbox.messageSearch()} keyed>
        {q => (
          // As high while it loads as when it is there.
          <section
            aria-label={t('messages')}
            data-testid="found-messages"
            class="flex h-2/5 shrink-0 flex-col border-t border-line-strong"
          >
            <h2 class="px-3 pt-2 pb-1 text-xs font-semibold text-faint">{t('messages')}</h2>
            <div class="min-h-0 flex-1 overflow-y-auto">
              <Suspense fallback={<SkeletonRows count={4} class="h-20" />}>
                <FoundMessages q={q} />
              </Suspense>
            </div>
          </section>
        )}
      </Show>
    </div>
  )
}

function List(props: { chosen: string | undefined; handle: (handle: ListHandle | undefined) => void }) {
  const list = createTicketList(inbox.listSpec())
  onCleanup(onRefetch(list.reload))
  return (
    <Switch fallback={<Rows list={list} chosen={props.chosen} handle={props.handle} />}>
      <Match when={list.error() && list.ids().length === 0}>
        <Failure error={list.error()} onRetry={() => void list.reload()} />
      </Match>
      <Match when={list.loading() && list.ids().length === 0}>
        <SkeletonRows count={8} class="h-[76px]" />
      </Match>
      <Match when={list.ids().length === 0}>
        <Nothing />
      </Match>
    </Switch>
  )
}

function Rows(props: {
  list: TicketList
  chosen: string | undefined
  handle: (handle: ListHandle | undefined) => void
}) {
  let scroller!: HTMLDivElement
  const rows = createRowWindow({
    ids: () => props.list.ids(),
    rowPixels: ROW_PIXELS,
    overscan: OVERSCAN_ROWS,
    scroller: () => scroller,
  })
  onMount(() => props.handle({ ids: () => props.list.ids(), show: rows.show }))
  onCleanup(() => props.handle(undefined))
  createEffect(
    on([rows.last, () => props.list.ids().length], ([last, count]) => {
      if (last >= count - MORE_WITHIN_ROWS) props.list.more()
    }),
  )
  return (
    <div
      ref={scroller}
      class="min-h-0 flex-1 overflow-y-auto [overflow-anchor:none]"
      data-testid="ticket-list"
    >
      <ul class="virtual-body relative" style={{ '--height': `${rows.height()}px` }}>
        <For each={rows.shown()}>
          {(id, index) => (
            <li
              class="virtual-row absolute inset-x-0 top-0"
              aria-setsize={props.list.ids().length}
              aria-posinset={rows.first() + index() + 1}
              style={{
                '--y': `${(rows.first() + index()) * ROW_PIXELS}px`,
                '--size': `${ROW_PIXELS}px`,
              }}
            >
              <TicketRow id={id} chosen={id === props.chosen} />
            </li>
          )}
        </For>
      </ul>
      <Show when={props.list.error()}>
        <div role="alert" class="flex items-center justify-between gap-2 p-3 text-[13px] text-danger">
          {explain(props.list.error())}
          <Button small icon="refresh" onClick={() => props.list.more()}>
            {t('retry')}
          </Button>
        </div>
      </Show>
    </div>
  )
}

/** Which of those who wait comes first: the order that is in force is what the control says. */
function WaitingOrder() {
  const id = createUniqueId()
  return (
    <div class="flex shrink-0 items-center justify-end gap-1.5 border-b border-line px-3 py-1 text-[13px]">
      <label for={id} class="text-faint">
        {t('sort.label')}
      </label>
      <select
        id={id}
        data-testid="sort-waiting"
        class="h-8 min-w-0 rounded-lg bg-transparent px-1 font-medium text-ink hover:bg-hover"
        onChange={e => inbox.setOldestFirst(e.currentTarget.value === 'oldest')}
      >
        <option value="newest" selected={!inbox.oldestFirst()}>
          {t('sort.newest')}
        </option>
        <option value="oldest" selected={inbox.oldestFirst()}>
          {t('sort.oldest')}
        </option>
      </select>
    </div>
  )
}

/** Whether what was put aside is shown. */
function SnoozeFilter() {
  const id = createUniqueId()
  return (
    <div class="flex shrink-0 items-center justify-end gap-1.5 border-b border-line px-3 py-1 text-[13px]">
      <label for={id} class="text-faint">
        {t('snooze.filter.label')}
      </label>
      <select
        id={id}
        data-testid="filter-snoozed"
        class="h-8 min-w-0 rounded-lg bg-transparent px-1 font-medium text-ink hover:bg-hover"
        onChange={e => inbox.setSnoozeFilter(e.currentTarget.value as inbox.SnoozeFilter)}
      >
        <For each={inbox.SNOOZE_FILTERS}>
          {name => (
            <option value={name} selected={inbox.snoozeFilter() === name}>
              {t(`snooze.filter.${name}`)}
            </option>
          )}
        </For>
      </select>
    </div>
  )
}

function Nothing() {
  return (
    <Switch
      fallback={
        <Empty icon="inbox" title={t(`empty.${inbox.tab()}.title`)} text={t(`empty.${inbox.tab()}.text`)} />
      }
    >
      <Match when={inbox.filtered()}>
        <Empty icon="search" title={t('empty.search.title')} text={t('empty.search.text')}>
          <Button onClick={inbox.clearFilters}>{t('filter.clear')}</Button>
        </Empty>
      </Match>
      <Match when={narrow() && isFirstRun()}>
        <FirstRun />
      </Match>
    </Switch>
  )
}
