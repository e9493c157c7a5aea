import { For } from 'solid-js'

/** What to do on the phone, one after the other. */
export function Steps(props: { steps: readonly string[] }) {
  return (
    <ol class="grid gap-3">
      <For each={props.steps}>
        {(step, index) => (
          <li class="flex gap-3">
            <span class="grid size-6 shrink-0 place-items-center rounded-full bg-active text-[13px] font-semibold text-accent-ink">
              {index() + 1}
            </span>
            <span>{step}</span>
          </li>
        )}
      </For>
    </ol>
  )
}

/** Something is under way, in the quiet of a box. */
export function Waiting(props: { text: string }) {
  return (
    <p class="grid justify-items-center gap-3 p-6 text-center text-[13px]">
      <span class="size-7 animate-spin rounded-full border-2 border-current/25 border-t-current motion-reduce:animate-none" />
      {props.text}
    </p>
  )
}
