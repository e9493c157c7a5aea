import { createSignal, For, Match, onCleanup, onMount, Show, Switch } from 'solid-js'
import { api, type FoundMessage } from '../../api/index.ts'
import { contactName, fullTime, shortTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { fold } from '../../stores/inbox.ts'
import { kindName } from './preview.ts'

const PAGE_SIZE = 20

/** The pieces of a line, and which of them are what was searched for: as the server finds, words by their beginnings. */
export const marked = (line: string, q: string): { text: string; hit: boolean }[] => {
  const asked = fold(q).match(/[\p{L}\p{N}]+/gu) ?? []
  return line.split(/([\p{L}\p{N}\p{M}]+)/u).map(text => ({
    text,
    hit: asked.some(word => fold(text).startsWith(word)),
  }))
}

/** Messages with the words that were searched for, newest first; each leads to its place in its ticket. */
export default function FoundMessages(props: { q: string }) {
  const [items, setItems] = createSignal<readonly FoundMessage[]>()
  const [cursor, setCursor] = createSignal<string | null>(null)
  const [error, setError] = createSignal<unknown>()
  const [busy, setBusy] = createSignal(false)
  let gone = false
  onCleanup(() => (gone = true))
  const load = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const page = await api.messages.search({ q: props.q, limit: PAGE_SIZE, cursor: cursor() })
      if (gone) return
      setItems(known => [...(known ?? []), ...page.items])
      setCursor(page.nextCursor)
    } catch (failure) {
      setError(failure)
    }
    setBusy(false)
  }
  onMount(() => void load())

  return (
    <Switch
      fallback={
        <>
          <ul>
            <For each={items()}>{found => <Hit found={found} q={props.q} />}</For>
          </ul>
          <Show when={cursor()}>
            <div class="p-2 text-center">
              <Button small busy={busy()} onClick={() => void load()}>
                {t('showMore')}
              </Button>
            </div>
          </Show>
        </>
      }
    >
      <Match when={error()}>
        <Failure error={error()} onRetry={() => void load()} />
      </Match>
      <Match when={!items()}>
        <SkeletonRows count={4} class="h-20" />
      </Match>
      <Match when={items()?.length === 0}>
        <p class="px-3 py-2 text-[13px] text-faint" role="status">
          {t('found.empty')}
        </p>
      </Match>
    </Switch>
  )
}

const placeOf = ({ ticket, beside, messageId, revision }: FoundMessage): string =>
  `/tickets/${ticket.id}?${beside ? `message=${messageId}` : `at=${revision}`}`

function Hit(props: { found: FoundMessage; q: string }) {
  return (
    <li>
      <a
        href={placeOf(props.found)}
        data-testid="found-message"
        class="ring-inner grid h-20 content-center gap-0.5 border-b border-line px-3 transition-colors hover:bg-hover"
      >
        <span class="flex items-baseline gap-2">
          <span class="min-w-0 flex-1 truncate font-medium">{contactName(props.found.ticket.contact)}</span>
          <time
            class="shrink-0 text-xs text-faint"
            datetime={props.found.timestamp}
            title={fullTime(props.found.timestamp)}
          >
            {shortTime(props.found.timestamp)}
          </time>
        </span>
        <span class="line-clamp-2 text-[13px]/4.5 break-words text-soft">
          <Show when={props.found.fromMe}>{t('quote.us')}: </Show>
          <For each={marked(props.found.snippet || kindName(props.found.kind), props.q)}>
            {piece => (
              <Show when={piece.hit} fallback={piece.text}>
                <mark class="rounded-sm bg-active font-semibold text-accent-ink">{piece.text}</mark>
              </Show>
            )}
          </For>
        </span>
      </a>
    </li>
  )
}
