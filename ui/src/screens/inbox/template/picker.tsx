import { createResource, createSignal, For, Match, Show, Switch } from 'solid-js'
import { api, type Template, type Ticket } from '../../../api/index.ts'
import { codeOf } from '../../../api/problem.ts'
import { Modal } from '../../../parts/dialog.tsx'
import { inputClass } from '../../../parts/field.tsx'
import { Failure, SkeletonRows } from '../../../parts/states.tsx'
import { languageName } from '../../../i18n/format.ts'
import { fold } from '../../../stores/inbox.ts'
import { isAdmin } from '../../../stores/auth.ts'
import { sendReply, type Draft } from '../../../stores/threads.ts'
import { TemplateForm } from './form.tsx'
import { maybeW, w } from './words.ts'

/** The channel's own templates: found, filled in, seen as the customer will, and sent. Asked of the channel each time. */
export default function TemplatePicker(props: { ticket: Ticket; onClose: () => void }) {
  const [chosen, setChosen] = createSignal<Template>()
  const [templates, { refetch }] = createResource(() => props.ticket.session.id, api.sessions.templates)
  const send = (said: Pick<Draft, 'body' | 'template' | 'file'>) => {
    void sendReply(props.ticket.id, { key: crypto.randomUUID(), at: new Date().toISOString(), ...said })
    props.onClose()
  }
  const failed = () => (templates.state === 'errored' ? (templates.error as unknown) : undefined)
  return (
    <Modal open wide={!!chosen()} title={chosen()?.name ?? w('title')} onClose={() => props.onClose()}>
      <div data-testid="template-picker">
        <Switch>
          <Match when={chosen()}>
            {template => (
              <TemplateForm
                template={template()}
                ticket={props.ticket}
                onBack={() => setChosen(undefined)}
                onSend={send}
              />
            )}
          </Match>
          <Match when={failed()}>
            {error => (
              <div class="h-64">
                <Show
                  when={codeOf(error()) === 'channel-refused'}
                  fallback={<Failure error={error()} onRetry={() => void refetch()} />}
                >
                  <Refused error={error()} onRetry={() => void refetch()} />
                </Show>
              </div>
            )}
          </Match>
          <Match when={templates.loading}>
            <div class="h-80" role="status" aria-label={w('loading')}>
              <SkeletonRows count={4} class="h-16" />
            </div>
          </Match>
          <Match when={true}>
            <TemplateList items={templates()?.items ?? []} onPick={setChosen} />
          </Match>
        </Switch>
      </div>
    </Modal>
  )
}

/** What the channel has against it, in words where we have some; only admins can mend its settings. */
function Refused(props: { error: unknown; onRetry: () => void }) {
  const reason = () => {
    const problem = (props.error as { problem?: Record<string, unknown> }).problem ?? {}
    const data = (problem['data'] ?? problem) as Record<string, unknown>
    return typeof data['reason'] === 'string' ? maybeW(`refused.${data['reason']}`) : undefined
  }
  return (
    <Show when={reason()} fallback={<Failure error={props.error} onRetry={props.onRetry} />}>
      {text => (
        <p role="alert" class="py-6 text-center text-soft">
          {text()} {isAdmin() ? w('refused.admin') : w('refused.ask')}
        </p>
      )}
    </Show>
  )
}

const canGo = ({ status, unsupported }: Template): boolean => status === 'approved' && !unsupported
const partNames = (parts: readonly string[]): string =>
  parts.map(part => maybeW(`part.${part}`) ?? part).join(', ')

function TemplateList(props: { items: readonly Template[]; onPick: (template: Template) => void }) {
  const [q, setQ] = createSignal('')
  const found = () => {
    const words = fold(q().trim()).split(/\s+/)
    const text = (one: Template) =>
      fold(`${one.name.replaceAll('_', ' ')} ${one.name} ${one.body} ${one.language}`)
    const sendable = (one: Template) => Number(!canGo(one))
    return props.items
      .filter(one => words.every(word => text(one).includes(word)))
      .sort((a, b) => sendable(a) - sendable(b) || a.name.localeCompare(b.name))
  }
  return (
    <>
      <input
        type="search"
        data-testid="template-search"
        class={inputClass}
        aria-label={w('search')}
        placeholder={w('search')}
        value={q()}
        onInput={event => setQ(event.currentTarget.value)}
      />
      <ul class="mt-2 h-72 overflow-y-auto">
        <For
          each={found()}
          fallback={
            <li class="px-1 py-6 text-center text-faint" role="status" data-testid="template-none">
              {w(props.items.length === 0 ? 'none' : 'notFound')}
            </li>
          }
        >
          {template => (
            <li>
              <button
                type="button"
                data-testid="template"
                disabled={!canGo(template)}
                class="ring-inner grid w-full gap-0.5 rounded-lg px-2.5 py-2 text-left enabled:hover:bg-hover disabled:cursor-not-allowed"
                onClick={() => props.onPick(template)}
              >
                <span class="flex min-w-0 flex-wrap items-baseline gap-x-2">
                  <span
                    class="min-w-0 font-medium wrap-anywhere"
                    classList={{ 'text-faint': !canGo(template) }}
                  >
                    {template.name}
                  </span>
                  <span class="text-xs text-faint">
                    {[
                      languageName(template.language),
                      maybeW(`category.${template.category}`) ?? template.category,
                      template.status === 'approved' ? '' : w(`status.${template.status}`),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </span>
                </span>
                <span class="line-clamp-2 text-[13px] break-words text-soft">{template.body}</span>
                <Show when={template.unsupported}>
                  {parts => (
                    <span class="text-xs text-warn">{w('unsupported', { parts: partNames(parts()) })}</span>
                  )}
                </Show>
              </button>
            </li>
          )}
        </For>
      </ul>
    </>
  )
}
