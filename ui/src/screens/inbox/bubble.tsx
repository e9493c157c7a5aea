import { createSignal, Show } from 'solid-js'
import { api, type Message, type Ticket } from '../../api/index.ts'
import { clockTime, fullTime } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { AckMark } from '../../parts/ack.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { FailedActions, PendingActions } from './action-marks.tsx'
import { HeldBack } from './held-back.tsx'
import { makeLongPress } from './long-press.ts'
import { MessageBody } from './message-body.tsx'
import { kindName } from './preview.ts'
import { Reactions } from './reactions.tsx'

type BubbleProps = {
  message: Message
  ticket: Pick<Ticket, 'id' | 'isGroup'>
  quoted?: Message | undefined
  joined: boolean
  /** Somebody searched for it. */
  found?: boolean
  /** Opens the menu of what can be done to it, beside the button that is given. */
  onMenu?: (anchor: HTMLElement, details?: boolean) => void
  testid?: string
}

/** One message: what was said, by whom, when, and how far it got. */
export function Bubble(props: BubbleProps) {
  let button!: HTMLButtonElement
  // eslint-disable-next-line solid/reactivity -- it runs when somebody presses
  const press = makeLongPress(() => props.onMenu?.(button))
  const author = () => {
    const by = props.message.sentBy
    if (props.message.fromMe)
      return by?.kind === 'device'
        ? t('sentBy.device')
        : by?.kind === 'bot' || by?.kind === 'system'
          ? t('sentBy.system')
          : by?.name
    return props.ticket.isGroup ? by?.name : null
  }
  return (
    <article
      data-testid={props.testid ?? 'message'}
      data-message-id={props.message.id}
      data-ack={props.message.ack}
      data-from-me={String(props.message.fromMe)}
      data-found={props.found ? '' : undefined}
      class="group flex items-end gap-1"
      classList={{
        'flex-row-reverse': props.message.fromMe,
        'mt-2.5': !props.joined,
        'mt-0.5': props.joined,
      }}
    >
      <div
        class="grid max-w-[85%] min-w-0 grid-cols-1 gap-1 md:max-w-[70%]"
        classList={{ 'justify-items-end': props.message.fromMe }}
      >
        <div
          {...press}
          class="min-w-16 rounded-2xl border px-3 py-1.5 pointer-coarse:select-none"
          classList={{
            'bg-bubble-out border-transparent rounded-br-md': props.message.fromMe,
            'bg-bubble-in border-line rounded-bl-md': !props.message.fromMe,
            'ring-2 ring-accent': !!props.found,
          }}
        >
          <Show when={!props.joined && author()}>
            <p class="text-xs font-semibold text-accent-ink">{author()}</p>
          </Show>
          <Show when={!props.message.deletedAt && props.message.quoted}>
            {quoted => (
              <QuoteBlock
                fromMe={quoted().fromMe}
                text={(props.quoted ?? quoted()).body}
                kind={quoted().kind}
              />
            )}
          </Show>
          <MessageBody message={props.message} />
          <p class="-mb-0.5 flex items-center justify-end gap-1.5 text-[11px] text-faint">
            <Show when={props.message.history}>
              <span title={t('past.text')} data-testid="past">
                {t('past')}
              </span>
            </Show>
            <Show when={props.message.late && !props.message.history}>
              <span title={t('late.text')} class="text-warn">
                {t('late')}
              </span>
            </Show>
            <Show when={props.message.editedAt && !props.message.deletedAt}>
              <span data-testid="edited" title={fullTime(props.message.editedAt ?? props.message.timestamp)}>
                {t('edited')}
              </span>
            </Show>
            <PendingActions actions={props.message.actions} />
            <time datetime={props.message.timestamp} title={fullTime(props.message.timestamp)}>
              {clockTime(props.message.timestamp)}
            </time>
            <Show when={props.message.fromMe}>
              <AckMark ack={props.message.ack} />
            </Show>
          </p>
        </div>
        <Reactions message={props.message} onOpen={() => props.onMenu?.(button, true)} />
        <FailedActions message={props.message} ticketId={props.ticket.id} />
        <HeldBack waiting={props.message.waiting} />
        <Show
          when={props.message.fromMe && (props.message.ack === 'failed' || props.message.ack === 'unknown')}
        >
          <Trouble message={props.message} ticketId={props.ticket.id} />
        </Show>
      </div>
      <Show when={props.onMenu}>
        <IconButton
          ref={button}
          label={t('message.menu')}
          icon="more"
          size={16}
          aria-haspopup="menu"
          tabindex="-1"
          data-message-menu
          data-testid="message-menu"
          class="size-7! self-center opacity-0 group-hover:opacity-100 focus:opacity-100"
          onClick={() => props.onMenu?.(button)}
        />
      </Show>
    </article>
  )
}

export function QuoteBlock(props: { fromMe: boolean; text: string; kind: Message['kind'] }) {
  return (
    <blockquote class="my-1 rounded-lg border-l-3 border-accent bg-hover px-2.5 py-1 text-[13px]">
      <span class="block text-xs font-medium text-accent-ink">
        {props.fromMe ? t('quote.us') : t('quote.them')}
      </span>
      <span class="line-clamp-3 break-words whitespace-pre-wrap text-soft">
        {props.text || kindName(props.kind)}
      </span>
    </blockquote>
  )
}

/** Not sent, or nobody knows: says why, and offers what can be done. */
function Trouble(props: { message: Message; ticketId: string }) {
  const [busy, setBusy] = createSignal(false)
  const retry = async () => {
    setBusy(true)
    await attempt(() => api.tickets.retry(props.ticketId, props.message.id))
    setBusy(false)
  }
  const reason = () => {
    if (props.message.ack === 'unknown') return t('trouble.unknown')
    const error = props.message.error
    return t('trouble.failed', {
      reason:
        (error && (maybeT(`fail.${error.code}`) ?? maybeT(`fail.${error.reason}`) ?? error.reason)) ??
        t('problem.unknown'),
    })
  }
  return (
    <div
      class="flex flex-wrap items-center justify-end gap-2 text-xs"
      classList={{
        'text-danger': props.message.ack === 'failed',
        'text-warn': props.message.ack === 'unknown',
      }}
    >
      <span>{reason()}</span>
      <Show when={props.message.ack === 'failed' && props.message.error?.retryable !== false}>
        <Button small icon="refresh" busy={busy()} data-testid="message-retry" onClick={() => void retry()}>
          {t('sendAgain')}
        </Button>
      </Show>
    </div>
  )
}
