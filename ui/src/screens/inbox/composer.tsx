import { createSignal, Match, onCleanup, Show, Switch, untrack } from 'solid-js'
import type { Message, Ticket } from '../../api/index.ts'
import { contactName } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { sessions } from '../../stores/directory.ts'
import { readStored, writeStored } from '../../stores/stored.ts'
import { sendReply } from '../../stores/threads.ts'
import { tellTyping } from '../../sync/rooms.ts'
import { QuoteBlock } from './bubble.tsx'
import { snoozedWords } from './snooze.tsx'
import { act, actionsOf, whyNotWrite } from './ticket-actions.ts'

const LINES_PIXELS_MAX = 168
export const BODY_CHARS_MAX = 4096

type ComposerProps = {
  ticket: Ticket
  quoted: Message | undefined
  onQuote: (message: Message | undefined) => void
}

/** Where the answer is written; or, when none can be, why, and what to do about it. */
export function Composer(props: ComposerProps) {
  /** What is written now would wait: said before somebody wonders about the clock on the bubble. */
  const channelDown = () => {
    const status = sessions.items.find(session => session.id === props.ticket.session.id)?.status
    return status === undefined || status === 'connected' ? null : status
  }
  return (
    <footer class="shrink-0 border-t border-line bg-surface px-3 py-2.5 md:px-4">
      <Show when={whyNotWrite(props.ticket) === null && channelDown()}>
        {status => (
          <p
            role="status"
            data-testid="channel-down"
            class="mb-2 flex items-center gap-2 text-[13px] text-warn"
          >
            <Icon name="plug" size={15} class="shrink-0" />
            {t('composer.channelDown', { status: t(`session.status.${status()}`) })}
          </p>
        )}
      </Show>
      <Switch fallback={<Editor {...props} />}>
        <Match when={whyNotWrite(props.ticket) === 'accept'}>
          <Blocked text={t('composer.accept.text')}>
            <ActionButton
              ticket={props.ticket}
              action="accept"
              label={t('composer.accept')}
              testid="composer-accept"
            />
          </Blocked>
        </Match>
        <Match when={whyNotWrite(props.ticket) === 'other'}>
          <Blocked text={t('composer.other', { who: props.ticket.user?.name ?? t('someone') })}>
            <ActionButton ticket={props.ticket} action="takeover" label={t('do.takeover')} />
          </Blocked>
        </Match>
        <Match when={whyNotWrite(props.ticket) === 'snoozed'}>
          <Blocked text={t('composer.snoozed', { until: snoozedWords(props.ticket) })}>
            <ActionButton ticket={props.ticket} action="wake" label={t('do.wake')} testid="composer-wake" />
          </Blocked>
        </Match>
        <Match when={whyNotWrite(props.ticket) === 'closed'}>
          <Blocked text={t('composer.closed')}>
            <ActionButton ticket={props.ticket} action="reopen" label={t('do.reopen')} />
          </Blocked>
        </Match>
        <Match when={whyNotWrite(props.ticket) === 'reader'}>
          <Blocked text={t('composer.reader')} />
        </Match>
      </Switch>
    </footer>
  )
}

function Blocked(props: { text: string; children?: unknown }) {
  return (
    <div class="flex min-h-11 flex-wrap items-center justify-between gap-2">
      <p class="flex items-center gap-2 text-soft">
        <Icon name="lock" size={16} /> {props.text}
      </p>
      {props.children as never}
    </div>
  )
}

function ActionButton(props: {
  ticket: Ticket
  action: 'accept' | 'takeover' | 'reopen' | 'wake'
  label: string
  testid?: string
}) {
  const [busy, setBusy] = createSignal(false)
  const run = async () => {
    setBusy(true)
    const done = await act(props.ticket, props.action)
    setBusy(false)
    if (done)
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>('[data-testid="composer-input"]')?.focus(),
      )
  }
  return (
    <Show when={actionsOf(props.ticket).includes(props.action)}>
      <Button look="primary" busy={busy()} data-testid={props.testid} onClick={() => void run()}>
        {props.label}
      </Button>
    </Show>
  )
}

function Editor(props: ComposerProps) {
  // The composer is made anew for every ticket.
  const id = untrack(() => props.ticket.id)
  let area!: HTMLTextAreaElement
  const [text, setTextNow] = createSignal(readStored(`draft.${id}`, ''))
  let timer: ReturnType<typeof setTimeout> | undefined
  const remember = () => writeStored(`draft.${id}`, text())
  const setText = (next: string) => {
    setTextNow(next)
    clearTimeout(timer)
    timer = setTimeout(remember, 300)
  }
  onCleanup(() => {
    clearTimeout(timer)
    remember()
  })
  const fit = () => {
    area.style.height = 'auto'
    area.style.height = `${Math.min(area.scrollHeight + 2, LINES_PIXELS_MAX)}px`
  }
  const send = () => {
    const body = text().trim()
    if (body === '' || body.length > BODY_CHARS_MAX) return
    const quotedId = props.quoted?.id
    void sendReply(id, {
      key: crypto.randomUUID(),
      body,
      at: new Date().toISOString(),
      ...(quotedId ? { quotedId } : {}),
    })
    tellTyping(id, false)
    setTextNow('')
    clearTimeout(timer)
    remember()
    props.onQuote(undefined)
    area.value = ''
    fit()
    area.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      send()
    }
  }
  return (
    <div class="mx-auto max-w-4xl">
      <Show when={props.quoted}>
        {quoted => (
          <div class="mb-1.5 flex items-center gap-1">
            <div class="min-w-0 flex-1">
              <QuoteBlock fromMe={quoted().fromMe} text={quoted().body} kind={quoted().kind} />
            </div>
            <IconButton label={t('quote.drop')} icon="close" onClick={() => props.onQuote(undefined)} />
          </div>
        )}
      </Show>
      <div class="flex items-end gap-2">
        <textarea
          ref={el => {
            area = el
            queueMicrotask(fit)
          }}
          rows="1"
          data-testid="composer-input"
          aria-label={t('composer.label', { name: contactName(props.ticket.contact) })}
          placeholder={t('composer.placeholder')}
          maxlength={BODY_CHARS_MAX}
          class="min-h-10 flex-1 resize-none rounded-xl border border-line-strong bg-canvas px-3 py-2 leading-snug focus-visible:outline-offset-0"
          value={text()}
          onInput={e => {
            setText(e.currentTarget.value)
            tellTyping(id, e.currentTarget.value.trim() !== '')
            fit()
          }}
          onKeyDown={onKeyDown}
          onBlur={() => tellTyping(id, false)}
        />
        <button
          type="button"
          data-testid="composer-send"
          aria-label={t('send')}
          title={`${t('send')} (Enter)`}
          disabled={text().trim() === ''}
          class="grid size-10 shrink-0 place-items-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-hover disabled:cursor-not-allowed disabled:opacity-50"
          onClick={send}
        >
          <Icon name="send" />
        </button>
      </div>
    </div>
  )
}
