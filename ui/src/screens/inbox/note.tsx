import { Icon } from '../../parts/icons.tsx'

/** One line instead of what cannot be shown. */
export function Note(props: { icon: 'block' | 'help' | 'lock' | 'info' | 'alert' | 'clock'; text: string }) {
  return (
    <p class="flex items-center gap-1.5 py-0.5 text-faint italic">
      <Icon name={props.icon} size={15} class="shrink-0" />
      <span>{props.text}</span>
    </p>
  )
}
