import { createEffect, createSignal, onMount, Show, untrack } from 'solid-js'
import { api, type Message, type Ticket } from '../../../api/index.ts'
import { explain } from '../../../i18n/explain.ts'
import { IconButton } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icons.tsx'
import { abilitiesOf } from '../../../stores/abilities.ts'
import { fitted } from '../fitted.ts'
import { kindName } from '../preview.ts'
import { w } from './words.ts'

const BODY_CHARS_MAX = 4096

/** The words of a sent message being changed, where answers are written; what was begun there waits. */
export default function EditBox(props: { ticket: Ticket; message: Message; onDone: () => void }) {
  let area!: HTMLTextAreaElement
  const before = untrack(() => props.message.body)
  const [text, setText] = createSignal(before)
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const longest = () => Math.min(BODY_CHARS_MAX, abilitiesOf(props.ticket)?.textLengthMax ?? BODY_CHARS_MAX)
  const changed = () => text().trim() !== '' && text().trim() !== before.trim()
  const leave = () => {
    const { id } = props.message
    props.onDone()
    // Back to where the menu was opened.
    queueMicrotask(() =>
      document
        .querySelector<HTMLElement>(`[data-message-id="${CSS.escape(id)}"] [data-message-menu]`)
        ?.focus(),
    )
  }
  const save = async () => {
    if (!changed() || busy()) return
    setBusy(true)
    setError(undefined)
    try {
      await api.tickets.edit(props.ticket.id, props.message.id, text().trim())
      leave()
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      leave()
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      void save()
    }
  }
  onMount(() => {
    fitted(area)
    area.focus()
    area.setSelectionRange(before.length, before.length)
  })
  // Somebody deleted it meanwhile: there is nothing left to change.
  createEffect(() => props.message.deletedAt && leave())
  return (
    <div class="mx-auto max-w-4xl" data-testid="edit-box">
      <div class="mb-1.5 flex items-center gap-2">
        <Icon name="edit" size={16} class="shrink-0 text-accent-ink" />
        <p class="min-w-0 flex-1 border-l-3 border-accent pl-2.5 text-[13px]">
          <span class="block text-xs font-medium text-accent-ink">{w('edit.title')}</span>
          <span class="block truncate text-soft">{props.message.body || kindName(props.message.kind)}</span>
        </p>
        <IconButton label={w('edit.cancel')} icon="close" data-testid="edit-cancel" onClick={leave} />
      </div>
      <Show when={error()}>
        <p role="alert" class="mb-1.5 text-[13px] text-danger">
          {explain(error())}
        </p>
      </Show>
      <div class="flex items-end gap-2">
        <textarea
          ref={area}
          rows="1"
          data-testid="edit-input"
          aria-label={w('edit.label')}
          maxlength={longest()}
          class="min-h-10 min-w-0 flex-1 resize-none rounded-xl border border-accent bg-canvas px-3 py-2 leading-snug focus-visible:outline-offset-0"
          value={text()}
          onInput={event => {
            setText(event.currentTarget.value)
            fitted(area)
          }}
          on:keydown={onKeyDown}
        />
        <button
          type="button"
          data-testid="edit-save"
          aria-label={w('edit.save')}
          title={w('edit.save')}
          aria-busy={busy()}
          disabled={!changed() || busy()}
          class="grid size-10 shrink-0 place-items-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-hover disabled:cursor-not-allowed disabled:opacity-50"
          onClick={() => void save()}
        >
          <Icon name="check" />
        </button>
      </div>
    </div>
  )
}
