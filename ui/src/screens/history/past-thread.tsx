import { createEffect, For, on, Show } from 'solid-js'
import type { Message, Ticket } from '../../api/index.ts'
import { dayOf } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Empty } from '../../parts/states.tsx'
import { Bubble } from '../inbox/bubble.tsx'
import { continues, DayMark } from '../inbox/thread-view.tsx'

/** The conversation as it stood right after the chosen fact. */
export function PastThread(props: { past: { ticket: Ticket; messages: readonly Message[] } | undefined }) {
  let scroller!: HTMLDivElement
  createEffect(
    on(
      () => props.past?.messages.length,
      () => queueMicrotask(() => (scroller.scrollTop = scroller.scrollHeight)),
    ),
  )
  return (
    <div ref={scroller} class="h-full overflow-y-auto" tabindex="0">
      <Show when={props.past}>
        {past => (
          <div class="mx-auto flex min-h-full max-w-4xl flex-col justify-end px-3 py-4 md:px-6">
            <Show when={past().messages.length === 0}>
              <Empty icon="history" title={t('history.noMessages')} />
            </Show>
            <For each={past().messages}>
              {(message, index) => (
                <>
                  <Show
                    when={
                      dayOf(message.timestamp) !==
                      dayOf(past().messages[index() - 1]?.timestamp ?? '1970-01-01')
                    }
                  >
                    <DayMark at={message.timestamp} />
                  </Show>
                  <Bubble
                    testid="history-message"
                    message={message}
                    ticket={past().ticket}
                    quoted={past().messages.find(other => other.id === message.quoted?.id)}
                    joined={continues(past().messages[index() - 1], message)}
                  />
                </>
              )}
            </For>
          </div>
        )}
      </Show>
    </div>
  )
}
