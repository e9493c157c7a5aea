import { createSignal, Match, Show, Suspense, Switch } from 'solid-js'
import type { Message, Ticket } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { sessions } from '../../stores/directory.ts'
import { Editor } from './editor.tsx'
import { snoozedWords } from './snooze.tsx'
import { TemplateButton } from './template-button.tsx'
import { act, actionsOf, focusComposer, whyNotWrite } from './ticket-actions.ts'
import { overFor, WindowOver } from './window-notice.tsx'
import { lazyPart } from '../../sync/load-part.ts'

const EditBox = lazyPart(() => import('./message/edit-box.tsx'))

type ComposerProps = {
  ticket: Ticket
  quoted: Message | undefined
  onQuote: (message: Message | undefined) => void
  /** The sent message whose words are being changed. */
  editing?: Message | undefined
  onEdited?: () => void
}

/** Where the answer is written; or, when none can be, why, and what to do about it. */
export function Composer(props: ComposerProps) {
  /** What is written now would wait: said before somebody wonders about the clock on the bubble. */
  const channelDown = () => {
    const status = sessions.items.find(session => session.id === props.ticket.session.id)?.status
    return status === undefined || status === 'connected' ? null : status
  }
  return (
    <footer class="relative shrink-0 border-t border-line bg-surface px-3 py-2.5 md:px-4">
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
        <Match when={props.editing}>
          {message => (
            <Suspense fallback={<div class="h-10" />}>
              <EditBox ticket={props.ticket} message={message()} onDone={() => props.onEdited?.()} />
            </Suspense>
          )}
        </Match>
        <Match when={whyNotWrite(props.ticket) === null && overFor(props.ticket)}>
          {over => (
            <div class="mx-auto flex min-h-11 max-w-4xl flex-wrap items-center justify-between gap-x-4 gap-y-2">
              <WindowOver ticket={props.ticket} over={over()} />
              <TemplateButton ticket={props.ticket} />
            </div>
          )}
        </Match>
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
    if (done) focusComposer()
  }
  return (
    <Show when={actionsOf(props.ticket).includes(props.action)}>
      <Button look="primary" busy={busy()} data-testid={props.testid} onClick={() => void run()}>
        {props.label}
      </Button>
    </Show>
  )
}
