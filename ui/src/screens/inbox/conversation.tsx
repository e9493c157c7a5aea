import { useNavigate } from '@solidjs/router'
import { createEffect, createSignal, Match, on, onCleanup, onMount, Show, Switch } from 'solid-js'
import { api, type Message } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { mayAct, me } from '../../stores/auth.ts'
import { createStored } from '../../stores/stored.ts'
import { loadThread, threadOf } from '../../stores/threads.ts'
import { loadTicket, ticketOf } from '../../stores/tickets.ts'
import { enterRoom } from '../../sync/rooms.ts'
import { onRefetch } from '../../sync/visible.ts'
import { Composer } from './composer.tsx'
import { ContactPanel } from './contact-panel.tsx'
import { ConversationHeader } from './header.tsx'
import { ThreadView } from './thread-view.tsx'

export const [panelOpen, setPanelOpen] = createStored('contactPanel', false)

/** One ticket: who it is, what was said, and the answer being written. */
export function Conversation(props: { id: string }) {
  const [error, setError] = createSignal<unknown>()
  const [quoted, setQuoted] = createSignal<Message>()
  const ticket = () => ticketOf(props.id)
  const load = async () => {
    setError(undefined)
    try {
      await Promise.all([loadTicket(props.id), loadThread(props.id)])
    } catch (failure) {
      setError(failure)
    }
  }
  onMount(() => void load())
  onCleanup(onRefetch(load))
  markSeen(() => props.id)
  const go = useNavigate()
  // A ticket that somebody else took may be out of this person's sight: then there is nothing left to show.
  createEffect(
    on(
      () => ticket() !== undefined,
      (here, before) => {
        if (before && !here) go('/inbox', { replace: true })
      },
    ),
  )
  onMount(() => onCleanup(enterRoom(props.id)))

  return (
    <section class="flex min-w-0 flex-1" aria-label={t('conversation')} data-testid="conversation">
      <Switch
        fallback={
          <div class="flex-1 max-md:w-full">
            <SkeletonRows count={6} />
          </div>
        }
      >
        <Match when={error() && !ticket()}>
          <div class="flex-1">
            <Failure error={error()} onRetry={() => void load()} />
          </div>
        </Match>
        <Match when={ticket()}>
          {present => (
            <>
              <div class="flex min-w-0 flex-1 flex-col">
                <ConversationHeader
                  ticket={present()}
                  panelOpen={panelOpen()}
                  onPanel={() => setPanelOpen(open => !open)}
                />
                <ThreadView ticket={present()} onQuote={setQuoted} onRetryLoad={() => void load()} />
                <Composer ticket={present()} quoted={quoted()} onQuote={setQuoted} />
              </div>
              <Show when={panelOpen()}>
                <ContactPanel ticket={present()} onClose={() => setPanelOpen(false)} />
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </section>
  )
}

const SEEN_MILLISECONDS = 400

/** Who has a ticket open and in sight has seen it: told to the server, once per batch of new messages. */
const markSeen = (id: () => string): void => {
  const [inSight, setInSight] = createSignal(document.visibilityState === 'visible')
  const look = () => setInSight(document.visibilityState === 'visible')
  onMount(() => document.addEventListener('visibilitychange', look))
  onCleanup(() => document.removeEventListener('visibilitychange', look))
  let timer: ReturnType<typeof setTimeout> | undefined
  const unread = () => {
    const ticket = ticketOf(id())
    const mine = mayAct() && ticket?.status === 'open' && ticket.user?.id === me().id
    return mine && inSight() && threadOf(id())?.state === 'ready' ? ticket.unreadCount : 0
  }
  createEffect(
    on(unread, count => {
      clearTimeout(timer)
      // A failure here costs only the badge: the next message tries again.
      if (count > 0)
        timer = setTimeout(() => void api.tickets.act(id(), 'read').catch(() => undefined), SEEN_MILLISECONDS)
    }),
  )
  onCleanup(() => clearTimeout(timer))
}
