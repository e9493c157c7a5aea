import { createUniqueId, For, Show, splitProps, type JSX } from 'solid-js'

export const inputClass =
  'w-full rounded-lg border border-field bg-surface px-3 h-9 text-ink focus-visible:outline-offset-0 disabled:opacity-60 aria-[invalid=true]:border-danger'

type FieldProps = {
  label: string
  hint?: string | undefined
  error?: string | undefined
} & JSX.InputHTMLAttributes<HTMLInputElement>

/** A labelled input with its hint and its error said to screen readers too. */
export function Field(props: FieldProps) {
  const [own, rest] = splitProps(props, ['label', 'hint', 'error', 'class'])
  const id = createUniqueId()
  return (
    <div class={`grid content-start gap-1 ${own.class ?? ''}`}>
      <label for={id} class="text-[13px] font-medium text-soft">
        {own.label}
      </label>
      <input
        id={id}
        class={inputClass}
        aria-invalid={own.error ? 'true' : 'false'}
        aria-describedby={`${id}-note`}
        {...rest}
      />
      <p
        id={`${id}-note`}
        class="text-xs empty:hidden"
        classList={{ 'text-danger': !!own.error, 'text-faint': !own.error }}
      >
        {own.error ?? own.hint}
      </p>
    </div>
  )
}

type Choice = { value: string; label: string }
type SelectProps = {
  label: string
  hideLabel?: boolean
  choices: readonly Choice[]
  value: string
  onPick: (value: string) => void
  class?: string
}

/** The platform's own select: it is what works best on a phone and with a screen reader. */
export function SelectField(props: SelectProps) {
  const id = createUniqueId()
  return (
    <div class={`grid min-w-0 content-start gap-1 ${props.class ?? ''}`}>
      <label for={id} class={props.hideLabel ? 'sr-only' : 'text-[13px] font-medium text-soft'}>
        {props.label}
      </label>
      <select
        id={id}
        class={`${inputClass} px-2`}
        value={props.value}
        onChange={e => props.onPick(e.currentTarget.value)}
      >
        <For each={props.choices}>
          {choice => (
            <option value={choice.value} selected={choice.value === props.value}>
              {choice.label}
            </option>
          )}
        </For>
      </select>
    </div>
  )
}

export function CheckField(props: {
  label: string
  hint?: string
  checked: boolean
  onToggle: (on: boolean) => void
}) {
  return (
    <label class="flex items-start gap-2 py-0.5">
      <input
        type="checkbox"
        class="mt-0.5 size-4 shrink-0 accent-[var(--accent)]"
        checked={props.checked}
        onChange={e => props.onToggle(e.currentTarget.checked)}
      />
      <span>
        {props.label}
        <Show when={props.hint}>
          <span class="block text-xs text-faint">{props.hint}</span>
        </Show>
      </span>
    </label>
  )
}
