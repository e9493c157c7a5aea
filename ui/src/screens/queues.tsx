import { createSignal, For, Match, Show, Switch, untrack } from 'solid-js'
import { api, type Queue } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Confirm, DialogActions, Modal } from '../parts/dialog.tsx'
import { Field } from '../parts/field.tsx'
import { fieldsOf } from '../parts/form.ts'
import { Empty, Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { queues } from '../stores/directory.ts'

const COLORS = [
  '#0f766e',
  '#2563eb',
  '#7c3aed',
  '#c026d3',
  '#dc2626',
  '#ea580c',
  '#ca8a04',
  '#16a34a',
  '#475569',
] as const

/** The lanes into which customers are sorted; who serves one is set with the user. */
export default function Queues() {
  const [editing, setEditing] = createSignal<Queue | 'new'>()
  const [removing, setRemoving] = createSignal<Queue>()
  void queues.load()
  const remove = async (queue: Queue) => {
    await api.queues.remove(queue.id)
    await queues.load()
  }
  return (
    <Page
      title={t('nav.queues')}
      text={t('queues.text')}
      actions={
        <Button icon="plus" look="primary" data-testid="queue-create" onClick={() => setEditing('new')}>
          {t('queues.new')}
        </Button>
      }
    >
      <Switch>
        <Match when={queues.state() === 'failed'}>
          <Failure error={queues.error()} onRetry={() => void queues.load()} />
        </Match>
        <Match when={queues.state() !== 'ready'}>
          <SkeletonRows count={3} class="h-14" />
        </Match>
        <Match when={queues.items.length === 0}>
          <Empty icon="queue" title={t('queues.empty.title')} text={t('queues.empty.text')}>
            <Button icon="plus" onClick={() => setEditing('new')}>
              {t('queues.new')}
            </Button>
          </Empty>
        </Match>
        <Match when={true}>
          <ul class="rounded-2xl border border-line bg-surface">
            <For each={queues.items}>
              {queue => (
                <li
                  data-testid="queue-row"
                  class="flex items-center gap-3 border-b border-line px-4 py-2 last:border-0"
                >
                  <span class="dot size-3.5 shrink-0 rounded-full" style={{ '--dot': queue.color }} />
                  <span class="min-w-0 flex-1 truncate font-medium">{queue.name}</span>
                  <IconButton label={t('edit')} icon="edit" onClick={() => setEditing(queue)} />
                  <IconButton label={t('remove')} icon="trash" onClick={() => setRemoving(queue)} />
                </li>
              )}
            </For>
          </ul>
        </Match>
      </Switch>
      <Show when={editing()} keyed>
        {given => (
          <QueueDialog queue={given === 'new' ? null : given} onClose={() => setEditing(undefined)} />
        )}
      </Show>
      <Show when={removing()}>
        {queue => (
          <Confirm
            open
            danger
            title={t('queues.remove.title', { name: queue().name })}
            text={t('queues.remove.text')}
            confirm={t('remove')}
            onClose={() => setRemoving(undefined)}
            run={() => remove(queue())}
          />
        )}
      </Show>
    </Page>
  )
}

function QueueDialog(props: { queue: Queue | null; onClose: () => void }) {
  const [color, setColor] = createSignal(
    untrack(() => props.queue?.color ?? COLORS[queues.items.length % COLORS.length] ?? COLORS[0]),
  )
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const name = fieldsOf(event.currentTarget)('name')
    setBusy(true)
    setError(undefined)
    try {
      if (props.queue) await api.queues.change(props.queue.id, { name, color: color() })
      else await api.queues.create({ name, color: color() })
      await queues.load()
      props.onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open onClose={props.onClose} title={props.queue ? t('queues.edit') : t('queues.new')}>
      <form class="grid gap-3" onSubmit={e => void submit(e)}>
        <Field name="name" label={t('name')} required maxlength="60" value={props.queue?.name ?? ''} />
        <fieldset>
          <legend class="mb-1 text-[13px] font-medium text-soft">{t('color')}</legend>
          <div class="flex flex-wrap items-center gap-2">
            <For each={COLORS}>
              {value => (
                <button
                  type="button"
                  aria-label={value}
                  aria-pressed={color() === value}
                  class="dot size-8 rounded-full aria-pressed:ring-2 aria-pressed:ring-ink aria-pressed:ring-offset-2 aria-pressed:ring-offset-raised"
                  style={{ '--dot': value }}
                  onClick={() => setColor(value)}
                />
              )}
            </For>
            <input
              type="color"
              aria-label={t('color')}
              class="h-8 w-10"
              value={color()}
              onInput={e => setColor(e.currentTarget.value)}
            />
          </div>
        </fieldset>
        <DialogActions error={error()} busy={busy()} confirm={t('save')} onCancel={props.onClose} />
      </form>
    </Modal>
  )
}
