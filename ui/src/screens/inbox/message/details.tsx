import { createResource, For, Match, Show, Switch } from 'solid-js'
import { api, type HistoryEntry, type Message, type Ticket } from '../../../api/index.ts'
import { contactName, fullTime } from '../../../i18n/format.ts'
import { t } from '../../../i18n/index.ts'
import { Modal } from '../../../parts/dialog.tsx'
import { Failure } from '../../../parts/states.tsx'
import { authorOf, whoReacted } from './people.ts'
import { maybeW, w } from './words.ts'

/** What each fact about a message is called here; what only the engine needs has no line. */
const lines: Readonly<Record<string, string>> = {
  'message.received': 'received',
  'message.mirrored': 'sent',
  'message.queued': 'written',
  'message.sending': 'sending',
  'message.sent': 'sent',
  'message.delivered': 'delivered',
  'message.read': 'read',
  'message.played': 'played',
  'message.failed': 'failed',
  'message.outcomeUnknown': 'unknown',
  'message.requeued': 'again',
  'message.edited': 'edited',
  'message.revoked': 'deleted',
}

const personalIn = ({ data }: HistoryEntry): Record<string, unknown> => {
  const { personal } = data
  return typeof personal === 'object' && personal !== null && !Array.isArray(personal) ? personal : {}
}

const lineOf = (entry: HistoryEntry): string | undefined => {
  if (entry.type !== 'message.reacted') return maybeW(`details.${lines[entry.type]}`)
  const { emoji } = personalIn(entry)
  return typeof emoji === 'string' && emoji !== '' ? w('details.reacted', { emoji }) : w('details.unreacted')
}

/** When what happened to one message, and who reacted. */
export default function Details(props: { ticket: Ticket; message: Message; onClose: () => void }) {
  const [history, { refetch }] = createResource(
    // Asked again when it gets further while somebody looks.
    () => [props.ticket.id, props.message.id, props.message.ack, props.message.reactions.length] as const,
    ([ticketId, messageId]) => api.tickets.messageHistory(ticketId, messageId),
  )
  const shown = () =>
    (history.state === 'errored' ? [] : (history.latest?.items ?? [])).flatMap(entry => {
      const text = lineOf(entry)
      return text ? [{ id: entry.id, at: entry.at, text }] : []
    })
  const early = () => Math.abs(Date.parse(props.message.sentAt) - Date.parse(props.message.timestamp)) > 1000
  return (
    <Modal open title={w('details.title')} onClose={() => props.onClose()}>
      <div data-testid="message-details" class="text-[13px]">
        <p class="mb-3 line-clamp-4 rounded-lg bg-hover px-3 py-2 break-words whitespace-pre-wrap text-soft">
          {props.message.deletedAt ? t('deleted') : props.message.body || t(`kind.${props.message.kind}`)}
        </p>
        <Switch>
          <Match when={history.error}>
            <Failure error={history.error} onRetry={() => void refetch()} />
          </Match>
          <Match when={true}>
            <dl class="grid gap-1.5">
              <Line label={w('details.by')}>
                {authorOf(props.message, contactName(props.ticket.contact))}
              </Line>
              <For
                each={shown()}
                fallback={
                  <Show when={history.loading} fallback={<p class="text-faint">{w('details.none')}</p>}>
                    <div class="skeleton h-24" />
                  </Show>
                }
              >
                {line => (
                  <Line label={line.text} testid="message-detail">
                    <time datetime={line.at}>{fullTime(line.at)}</time>
                  </Line>
                )}
              </For>
              <Show when={!props.message.fromMe && early()}>
                <Line label={w('details.sentAt')}>{fullTime(props.message.sentAt)}</Line>
              </Show>
            </dl>
          </Match>
        </Switch>
        <Show when={props.message.reactions.length > 0 && !props.message.deletedAt}>
          <h3 class="mt-4 mb-1.5 font-medium text-faint">{w('details.reactions')}</h3>
          <ul class="grid gap-1.5" data-testid="message-reactors">
            <For each={props.message.reactions}>
              {reaction => (
                <li class="flex justify-between gap-4">
                  <span class="min-w-0 break-words">
                    {whoReacted(reaction, props.ticket, contactName(props.ticket.contact))}
                  </span>
                  <span class="text-base leading-5">{reaction.emoji}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </div>
    </Modal>
  )
}

function Line(props: { label: string; testid?: string; children: unknown }) {
  return (
    <div class="flex justify-between gap-4" data-testid={props.testid}>
      <dt class="text-faint">{props.label}</dt>
      <dd class="min-w-0 text-right break-words tabular-nums">{props.children as never}</dd>
    </div>
  )
}
