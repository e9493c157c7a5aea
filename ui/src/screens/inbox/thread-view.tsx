import {
  createEffect,
  createMemo,
  createSignal,
  For,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Switch,
} from 'solid-js'
import { useSearchParams } from '@solidjs/router'
import type { Message, Ticket } from '../../api/index.ts'
import { dayName, dayOf } from '../../i18n/format.ts'
import { t, tn } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { Empty, Failure } from '../../parts/states.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { loadBackTo, loadBackToMessage, loadOlder, threadOf } from '../../stores/threads.ts'
import { typersOf } from '../../stores/typing.ts'
import { Bubble } from './bubble.tsx'
import { DraftBubble } from './draft-bubble.tsx'
import { createRover } from './rover.ts'
import { staysAtEnd } from './stays-at-end.ts'

const OLDER_WITHIN_PIXELS = 240
const GROUP_MINUTES = 5

/** Same author within minutes: the bubbles belong together. */
export const continues = (before: Message | undefined, message: Message): boolean =>
  before !== undefined &&
  before.fromMe === message.fromMe &&
  before.sentBy?.id === message.sentBy?.id &&
  dayOf(before.timestamp) === dayOf(message.timestamp) &&
  Date.parse(message.timestamp) - Date.parse(before.timestamp) < GROUP_MINUTES * 60_000

/** The messages: held to the end while the reader is there, held in place while older ones come in above. */
export function ThreadView(props: {
  ticket: Ticket
  onMenu: (message: Message, anchor: HTMLElement, details?: boolean) => void
  onRetryLoad: () => void
}) {
  let scroller!: HTMLDivElement
  let content!: HTMLDivElement
  const thread = () => threadOf(props.ticket.id)
  const items = () => thread()?.items ?? []
  const byId = createMemo(() => new Map(items().map(item => [item.id, item])))
  const [params] = useSearchParams<{ at?: string; message?: string }>()
  const [atEnd, setAtEnd] = createSignal(true)
  const [unseen, setUnseen] = createSignal(0)
  const [older, setOlder] = createSignal(false)

  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight
    setUnseen(0)
  }
  const loadAbove = async () => {
    if (older() || !thread()?.cursor) return
    setOlder(true)
    // By what stands at the top: the reader may have gone on meanwhile, and something may have come in at the end.
    const first = content.querySelector<HTMLElement>('[data-message-id]')
    const top = first?.offsetTop ?? 0
    await attempt(() => loadOlder(props.ticket.id))
    if (first?.isConnected) scroller.scrollTop += first.offsetTop - top
    setOlder(false)
  }
  let last = 0
  const onScroll = () => {
    setAtEnd(was => staysAtEnd(was, last, scroller))
    last = scroller.scrollTop
    if (atEnd()) setUnseen(0)
    if (scroller.scrollTop < OLDER_WITHIN_PIXELS) void loadAbove()
  }
  onMount(() => {
    // Anything that grows (a bubble, a picture, the composer) keeps the end in sight for who was there.
    const observer = new ResizeObserver(() => atEnd() && toEnd())
    observer.observe(content)
    observer.observe(scroller)
    onCleanup(() => observer.disconnect())
  })
  createEffect(
    on(
      () => items().at(-1)?.id,
      (id, before) => {
        if (id && before && id !== before && !atEnd() && !items().at(-1)?.fromMe)
          setUnseen(count => count + 1)
      },
      { defer: true },
    ),
  )
  // Who comes from a search is brought to the message that was found, and not to the end.
  const sought = () => Number(params.at)
  const isSought = (message: Message) =>
    message.ticketId === null ? message.id === params.message : message.revision === sought()
  createEffect(
    on(
      () => thread()?.state === 'ready' && (params.message ?? sought()),
      place => {
        if (!place) return
        setAtEnd(false)
        void attempt(async () => {
          setOlder(true)
          await (
            typeof place === 'string'
              ? loadBackToMessage(props.ticket.id, place)
              : loadBackTo(props.ticket.id, place)
          ).finally(() => setOlder(false))
          content.querySelector('[data-found]')?.scrollIntoView({ block: 'center' })
          onScroll()
        })
      },
    ),
  )
  const rover = createRover(() => content)
  createEffect(
    on(
      () => [items().length, items().at(-1)?.id],
      () => queueMicrotask(rover.settle),
    ),
  )
  // Own words always bring the writer to the end.
  createEffect(
    on(
      () => thread()?.drafts.length ?? 0,
      (now, before) => {
        if (now > (before ?? 0)) {
          setAtEnd(true)
          queueMicrotask(toEnd)
        }
      },
    ),
  )

  return (
    <div class="relative min-h-0 flex-1">
      <div
        ref={scroller}
        class="h-full overflow-y-auto overscroll-contain [overflow-anchor:none]"
        onScroll={onScroll}
        tabindex="0"
        role="log"
        aria-label={t('messages')}
      >
        <div
          ref={content}
          on:keydown={rover.onKeyDown}
          on:focusin={rover.onFocusIn}
          class="mx-auto flex min-h-full max-w-4xl flex-col justify-end px-3 py-3 md:px-6"
        >
          <Switch>
            <Match when={thread()?.state === 'loading'}>
              <ThreadSkeleton />
            </Match>
            <Match when={thread()?.state === 'failed'}>
              <Failure error={thread()?.error} onRetry={props.onRetryLoad} />
            </Match>
            <Match when={items().length === 0 && (thread()?.drafts.length ?? 0) === 0}>
              <Empty icon="inbox" title={t('thread.empty')} />
            </Match>
          </Switch>
          <For each={items()}>
            {(message, index) => (
              <>
                <Show
                  when={dayOf(message.timestamp) !== dayOf(items()[index() - 1]?.timestamp ?? '1970-01-01')}
                >
                  <DayMark at={message.timestamp} />
                </Show>
                <Bubble
                  found={isSought(message)}
                  message={message}
                  ticket={props.ticket}
                  quoted={byId().get(message.quoted?.id ?? '')}
                  joined={continues(items()[index() - 1], message)}
                  {...(message.ticketId === null
                    ? {}
                    : {
                        onMenu: (anchor: HTMLElement, details?: boolean) =>
                          props.onMenu(message, anchor, details),
                      })}
                />
              </>
            )}
          </For>
          <For each={thread()?.drafts}>
            {draft => <DraftBubble draft={draft} ticketId={props.ticket.id} />}
          </For>
          <p class="h-5 pt-1 text-xs text-faint" aria-live="polite">
            <Show when={typersOf(props.ticket.id)[0]}>{name => t('typing.who', { name: name() })}</Show>
          </p>
        </div>
      </div>
      <Show when={older()}>
        {/* Over the messages: room for it among them would move what is read. */}
        <p
          role="status"
          data-testid="loading-older"
          class="pointer-events-none absolute inset-x-0 top-2 mx-auto w-fit rounded-full border border-line bg-raised px-3 py-1 text-xs text-faint shadow-pop"
        >
          {t('loading')}
        </p>
      </Show>
      <Show when={!atEnd()}>
        <button
          type="button"
          class="pop absolute right-4 bottom-3 flex h-9 items-center gap-1.5 rounded-full border border-line bg-raised px-3 text-[13px] font-medium shadow-pop hover:bg-hover"
          onClick={toEnd}
        >
          <Show when={unseen() > 0} fallback={<span class="sr-only">{t('thread.toEnd')}</span>}>
            {tn('thread.new', unseen())}
          </Show>
          <Icon name="down" size={16} />
        </button>
      </Show>
    </div>
  )
}

export function DayMark(props: { at: string }) {
  return (
    <div class="my-3 flex justify-center">
      <span class="rounded-full border border-line bg-surface px-3 py-0.5 text-xs text-faint">
        {dayName(props.at)}
      </span>
    </div>
  )
}

export function ThreadSkeleton() {
  return (
    <div class="grid gap-3" aria-hidden="true">
      <div class="skeleton h-12 w-2/5 rounded-2xl!" />
      <div class="skeleton h-9 w-1/3 rounded-2xl!" />
      <div class="skeleton ml-auto h-14 w-1/2 rounded-2xl!" />
      <div class="skeleton h-10 w-1/2 rounded-2xl!" />
    </div>
  )
}
