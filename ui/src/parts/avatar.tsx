import { Show } from 'solid-js'
import { Icon } from './icons.tsx'

const hueOf = (id: string): number => {
  let hue = 0
  for (let at = 0; at < id.length; at++) hue = (hue * 31 + id.charCodeAt(at)) % 360
  return hue
}

/** First letters of the first and last word. */
export const initials = (name: string): string => {
  const words = name
    .trim()
    .split(/\s+/)
    .filter(word => /\p{L}|\p{N}/u.test(word))
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    word => [...(word ?? '')][0] ?? '',
  )
  return letters.join('').toLocaleUpperCase()
}

export function Avatar(props: { id: string; name: string | null; group?: boolean; large?: boolean }) {
  const letters = () => (props.name ? initials(props.name) : '')
  return (
    <span
      aria-hidden="true"
      class={`avatar inline-grid shrink-0 place-items-center rounded-full font-semibold select-none ${props.large ? 'size-14 text-lg' : 'size-9 text-[13px]'}`}
      style={{ '--hue': hueOf(props.id) }}
    >
      <Show
        when={letters() && !props.group}
        fallback={<Icon name={props.group ? 'contacts' : 'users'} size={props.large ? 26 : 17} />}
      >
        {letters()}
      </Show>
    </span>
  )
}
