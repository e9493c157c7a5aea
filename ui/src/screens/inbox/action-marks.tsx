import { For } from 'solid-js'
import type { Message } from '../../api/index.ts'
import { maybeT, t } from '../../i18n/index.ts'

type Action = NonNullable<Message['actions']>[number]

const wordsOf = ({ action, state, error }: Action): string => {
  if (state === 'pending') return t(`action.${action}.pending`)
  const reason = error && (maybeT(`fail.${error.code}`) ?? error.reason)
  return t(`action.${action}.failed`, { reason: reason ?? t('problem.unknown') })
}

/** What was done to the message and is not through yet, or was not done. */
export function ActionMarks(props: { actions: Message['actions'] }) {
  return (
    <For each={props.actions}>
      {action => (
        <p
          data-testid="message-action"
          data-state={action.state}
          class="text-xs"
          classList={{ 'text-faint': action.state === 'pending', 'text-danger': action.state === 'failed' }}
        >
          {wordsOf(action)}
        </p>
      )}
    </For>
  )
}
