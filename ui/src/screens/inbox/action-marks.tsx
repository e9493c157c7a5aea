import { createSignal, For, Show } from 'solid-js'
import { api, type Message } from '../../api/index.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { attempt } from '../../parts/toasts.tsx'

type Action = NonNullable<Message['actions']>[number]
const inState = (actions: Message['actions'], state: Action['state']) =>
  (actions ?? []).filter(one => one.state === state)

/** What was done to the message and is not through yet: a small mark in its foot. Reactions are shown as themselves. */
export function PendingActions(props: { actions: Message['actions'] }) {
  return (
    <For each={inState(props.actions, 'pending').filter(({ action }) => action !== 'reaction')}>
      {({ action }) => (
        <span data-testid="message-action" data-state="pending" title={t(`action.${action}.pending`)}>
          <Icon name={action === 'edit' ? 'edit' : 'trash'} size={12} class="animate-pulse" />
          <span class="sr-only">{t(`action.${action}.pending`)}</span>
        </span>
      )}
    </For>
  )
}

/** What was not done, why, and another try at it. */
export function FailedActions(props: { message: Message; ticketId: string }) {
  return (
    <For each={inState(props.message.actions, 'failed')}>
      {action => <Failed action={action} messageId={props.message.id} ticketId={props.ticketId} />}
    </For>
  )
}

const again = (ticketId: string, messageId: string, { action, emoji = '', body = '' }: Action) => {
  switch (action) {
    case 'reaction':
      return api.tickets.react(ticketId, messageId, emoji)
    case 'edit':
      return api.tickets.edit(ticketId, messageId, body)
    case 'revoke':
      return api.tickets.revoke(ticketId, messageId)
  }
}

function Failed(props: { action: Action; messageId: string; ticketId: string }) {
  const [busy, setBusy] = createSignal(false)
  const words = () => {
    const { action, error } = props.action
    const reason = error && (maybeT(`fail.${error.code}`) ?? error.reason)
    return t(`action.${action}.failed`, { reason: reason ?? t('problem.unknown') })
  }
  const retry = async () => {
    setBusy(true)
    await attempt(() => again(props.ticketId, props.messageId, props.action))
    setBusy(false)
  }
  return (
    <div class="flex flex-wrap items-center justify-end gap-2 text-xs text-danger">
      <span data-testid="message-action" data-state="failed">
        {words()}
      </span>
      {/* What went out may have been done: doing it again changes nothing then. */}
      <Show when={props.action.action !== 'edit' || props.action.body}>
        <Button small icon="refresh" busy={busy()} data-testid="action-retry" onClick={() => void retry()}>
          {t('retry')}
        </Button>
      </Show>
    </div>
  )
}
