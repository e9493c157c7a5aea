import type { JSX } from 'solid-js'

/** One thing that is known of a channel, with its name before it. */
export function Line(props: { name: string; children: JSX.Element }) {
  return (
    <div class="grid grid-cols-[7.5rem_1fr] gap-2">
      <dt class="text-faint">{props.name}</dt>
      <dd class="min-w-0 break-words">{props.children}</dd>
    </div>
  )
}
