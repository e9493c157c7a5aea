import { createSignal, For, onMount, Show, untrack } from 'solid-js'
import type { Template } from '../../../api/index.ts'
import { Button } from '../../../parts/button.tsx'
import { inputClass } from '../../../parts/field.tsx'
import { filledIn, guessFor, piecesOf, placesOf } from './fill.ts'
import { w } from './words.ts'

const PARAMETER_CHARS_MAX = 1024

/** The template as the customer will read it, and what goes into its places. */
export function TemplateForm(props: {
  template: Template
  contact: string | null
  onBack: () => void
  onSend: (template: Template, parameters: string[], body: string) => void
}) {
  let form!: HTMLFormElement
  const places = untrack(() => placesOf(props.template))
  const [given, setGiven] = createSignal<Readonly<Record<string, string>>>(
    untrack(() => Object.fromEntries(places.map(place => [place, guessFor(place, props.contact)]))),
  )
  const full = () => places.every(place => given()[place]?.trim())
  const send = (event: Event) => {
    event.preventDefault()
    if (!full()) return
    const parameters = places.map(place => given()[place]?.trim() ?? '')
    props.onSend(props.template, parameters, filledIn(props.template, given()))
  }
  onMount(() => form.querySelector<HTMLElement>('input, [type=submit]')?.focus())
  return (
    <form ref={form} onSubmit={send}>
      <div class="grid gap-3">
        <For each={places}>
          {place => (
            <label class="grid gap-1 text-[13px] font-medium">
              {/^\d+$/.test(place) ? w('place', { number: place }) : place.replaceAll('_', ' ')}
              <input
                class={inputClass}
                data-testid="template-parameter"
                maxlength={PARAMETER_CHARS_MAX}
                required
                value={given()[place] ?? ''}
                onInput={event => setGiven(all => ({ ...all, [place]: event.currentTarget.value }))}
              />
            </label>
          )}
        </For>
        <section aria-label={w('preview')} class="rounded-xl bg-canvas p-3">
          <p
            data-testid="template-preview"
            class="ml-auto w-fit max-w-full rounded-2xl rounded-br-md bg-bubble-out px-3 py-1.5 break-words whitespace-pre-wrap"
          >
            <For each={piecesOf(props.template, given())}>
              {piece => (
                <Show when={piece.place} fallback={piece.text}>
                  <span classList={{ 'font-medium': piece.filled, 'text-faint': !piece.filled }}>
                    {piece.text}
                  </span>
                </Show>
              )}
            </For>
          </p>
        </section>
      </div>
      <div class="mt-5 flex justify-between gap-2">
        <Button icon="back" look="ghost" onClick={() => props.onBack()}>
          {w('back')}
        </Button>
        <Button type="submit" look="primary" icon="send" disabled={!full()} data-testid="template-send">
          {w('send')}
        </Button>
      </div>
    </form>
  )
}
