import { useNavigate } from '@solidjs/router'
import { createEffect, createSignal, Match, on, onCleanup, onMount, Show, Suspense, Switch } from 'solid-js'
import { api, type Message } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Failure } from '../../parts/states.tsx'
import { mayAct, me } from '../../stores/auth.ts'
import { createStored } from '../../stores/stored.ts'
import { loadThread, threadOf } from '../../stores/threads.ts'
import { loadTicket, ticketOf } from '../../stores/tickets.ts'
import { enterRoom } from '../../sync/rooms.ts'
import { onRefetch } from '../../sync/visible.ts'
import { Composer } from './composer.tsx'
import { ContactPanel } from './contact-panel.tsx'
import { ConversationHeader } from './header.tsx'
import { ThreadSkeleton, ThreadView } from './thread-view.tsx'
import { lazyPart } from '../../sync/load-part.ts'

const MessageDesk = lazyPart(() => import('./message/desk.tsx'))

/** A message whose menu, or what was picked in it, is open. */
type Asked = { readonly messageId: string; readonly anchor: HTMLElement; readonly details: boolean }

export const [panelOpen, setPanelOpen] = createStored('contactPanel', false)

/** One ticket: who it is, what was said, and the answer being written. */
export function Conversation(props: { id: string }) {
  const [error, setError] = createSignal<unknown>()
  const [quoted, setQuoted] = createSignal<Message>()
  const [editing, setEditing] = createSignal<string>()
  const [asked, setAsked] = createSignal<Asked>()
  /** As it is now: it may change while its menu is open, or it is being rewritten. */
  const messageOf = (id: string | undefined) =>
    id === undefined ? undefined : threadOf(props.id)?.items.find(item => item.id === id)
  const openMenu = (message: Message, anchor: HTMLElement, details = false) =>
    setAsked(open => (open && !details ? undefined : { messageId: message.id, anchor, details }))
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
          <div class="flex flex-1 flex-col max-md:w-full" aria-hidden="true">
            <div class="flex h-16 shrink-0 items-center gap-3 border-b border-line bg-surface px-4">
              <div class="skeleton size-9 rounded-full!" />
              <div class="skeleton h-3 w-40" />
            </div>
            <div class="mx-auto flex w-full max-w-4xl flex-1 flex-col justify-end px-3 py-6 md:px-6">
              <ThreadSkeleton />
            </div>
          </div>
        }
      >
        <Match when={error() && !ticket()}>
          <div class="flex-1">
            <Failure error={error()} onRetry={() => void load()}>
              <Button look="ghost" icon="back" onClick={() => go('/inbox')}>
                {t('keys.back')}
              </Button>
            </Failure>
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
                <ThreadView ticket={present()} onMenu={openMenu} onRetryLoad={() => void load()} />
                <Composer
                  ticket={present()}
                  quoted={quoted()}
                  onQuote={setQuoted}
                  editing={messageOf(editing())}
                  onEdited={() => setEditing(undefined)}
                />
              </div>
              <Show when={asked()} keyed>
                {({ messageId, anchor, details }) => (
                  <Show when={messageOf(messageId)}>
                    {message => (
                      <Suspense>
                        <MessageDesk
                          ticket={present()}
                          message={message()}
                          anchor={anchor}
                          details={details}
                          onReply={() => {
                            setQuoted(message())
                            focusComposer()
                          }}
                          onEdit={() => setEditing(messageId)}
                          onDone={() => setAsked(undefined)}
                        />
                      </Suspense>
                    )}
                  </Show>
                )}
              </Show>
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

const focusComposer = (): void =>
  void requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('[data-testid="composer-input"]')?.focus(),
  )

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
