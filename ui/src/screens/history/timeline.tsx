import { createEffect, createMemo, For, on, Show } from 'solid-js'
import type { HistoryEntry, Ticket } from '../../api/index.ts'
import { clockTime, dayName, dayOf, fullTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { actorName, bodyOf, castOf, sentence, type Cast } from './words.ts'

const iconOf = (type: string): IconName => {
  if (type === 'message.received') return 'inbox'
  if (type === 'message.queued' || type === 'message.mirrored') return 'send'
  if (type === 'message.failed' || type === 'message.mediaFailed') return 'alert'
  if (type === 'message.outcomeUnknown') return 'help'
  if (type === 'message.delivered' || type === 'message.read' || type === 'message.played') return 'checks'
  if (type === 'message.sent') return 'check'
  if (type === 'message.sending' || type === 'message.requeued') return 'clock'
  if (type === 'message.edited') return 'edit'
  if (type === 'message.revoked') return 'trash'
  if (type === 'ticket.closed') return 'lock'
  if (type === 'ticket.returned') return 'undo'
  if (type === 'ticket.snoozed' || type === 'ticket.woken') return 'clock'
  if (type.startsWith('ticket.')) return 'users'
  return 'info'
}

type TimelineProps = {
  entries: readonly HistoryEntry[]
  at: number
  contact: Ticket | undefined
  onGo: (revision: number) => void
}

/** Every fact, oldest first; the chosen moment is marked, what came after it is faint. */
export function Timeline(props: TimelineProps) {
  let list!: HTMLOListElement
  const cast = createMemo(() => castOf(props.entries))
  createEffect(
    on(
      () => [props.at, props.entries.length],
      () =>
        queueMicrotask(() =>
          list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' }),
        ),
    ),
  )
  return (
    <ol ref={list} class="p-2">
      <For each={props.entries}>
        {(entry, index) => (
          <>
            <Show when={dayOf(entry.at) !== dayOf(props.entries[index() - 1]?.at ?? '1970-01-01')}>
              <li class="px-2 pt-2 pb-1 text-xs font-medium text-faint">{dayName(entry.at)}</li>
            </Show>
            <Row
              entry={entry}
              ticket={props.contact}
              cast={cast()}
              now={entry.revision === props.at}
              later={entry.revision > props.at}
              onGo={props.onGo}
            />
          </>
        )}
      </For>
    </ol>
  )
}

type RowProps = {
  entry: HistoryEntry
  ticket: Ticket | undefined
  cast: Cast
  now: boolean
  later: boolean
  onGo: (revision: number) => void
}

function Row(props: RowProps) {
  return (
    <li
      data-testid="history-entry"
      data-revision={props.entry.revision}
      aria-current={props.now ? 'true' : undefined}
      class="rounded-lg"
      classList={{ 'bg-active': props.now }}
    >
      <button
        type="button"
        class="ring-inner flex w-full gap-2.5 rounded-lg px-2 py-1.5 text-left hover:bg-hover"
        onClick={() => props.onGo(props.entry.revision)}
      >
        <Icon
          name={iconOf(props.entry.type)}
          size={16}
          class={`mt-0.5 shrink-0 ${props.later ? 'text-line-strong' : 'text-accent-ink'}`}
        />
        <span class="min-w-0 flex-1" classList={{ 'text-faint': props.later }}>
          <span class="block break-words">{sentence(props.entry, props.ticket, props.cast)}</span>
          <Show when={bodyOf(props.entry)}>
            {body => <span class="line-clamp-2 text-[13px] break-words text-faint">“{body()}”</span>}
          </Show>
        </span>
        <time
          class="shrink-0 text-xs text-faint tabular-nums"
          datetime={props.entry.at}
          title={fullTime(props.entry.at)}
        >
          {clockTime(props.entry.at)}
        </time>
      </button>
      <Show when={props.now}>
        <details class="px-2 pb-2 pl-9 text-xs text-faint">
          <summary class="cursor-pointer">{t('history.raw')}</summary>
          <dl class="mt-1 grid gap-0.5 break-all">
            <Line name={t('history.raw.type')} value={`${props.entry.type} · ${props.entry.revision}`} />
            <Line
              name={t('history.raw.who')}
              value={`${actorName(props.entry, props.ticket, props.cast)} (${props.entry.actor.kind})`}
            />
            <Line name={t('history.raw.cause')} value={props.entry.causationId ?? '—'} />
            <Line name={t('history.raw.rule')} value={props.entry.rule ?? '—'} />
            <Line name={t('history.raw.command')} value={props.entry.commandId} />
          </dl>
          <pre class="mt-1 max-h-60 overflow-auto rounded-lg bg-canvas p-2 break-all whitespace-pre-wrap">
            {JSON.stringify(props.entry.data, null, 2)}
          </pre>
        </details>
      </Show>
    </li>
  )
}

function Line(props: { name: string; value: string }) {
  return (
    <div>
      <dt class="inline font-medium">{props.name}: </dt>
      <dd class="inline">{props.value}</dd>
    </div>
  )
}
