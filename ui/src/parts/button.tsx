import { splitProps, type JSX } from 'solid-js'
import { Icon, type IconName } from './icons.tsx'

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover border-transparent',
  plain: 'bg-surface text-ink border-line-strong hover:bg-hover',
  ghost: 'bg-transparent text-soft border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-danger-bg text-danger border-transparent hover:border-danger',
} as const

type ButtonProps = {
  look?: keyof typeof looks
  icon?: IconName
  busy?: boolean
  small?: boolean
} & JSX.ButtonHTMLAttributes<HTMLButtonElement>

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, ['look', 'icon', 'busy', 'small', 'class', 'children', 'disabled'])
  return (
    <button
      type="button"
      aria-busy={own.busy ?? false}
      disabled={own.disabled || own.busy}
      class={`inline-flex shrink-0 items-center justify-center gap-1.5 rounded-lg border font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55 ${own.small ? 'h-8 px-2.5 text-[13px]' : 'h-9 px-3.5'} ${looks[own.look ?? 'plain']} ${own.class ?? ''}`}
      {...rest}
    >
      {own.icon && <Icon name={own.icon} size={16} />}
      {own.children}
    </button>
  )
}

/** A button that shows only an icon; `label` is its name for everybody who cannot see it, and its hint. */
export function IconButton(
  props: { label: string; icon: IconName; size?: number } & JSX.ButtonHTMLAttributes<HTMLButtonElement>,
) {
  const [own, rest] = splitProps(props, ['label', 'icon', 'size', 'class'])
  return (
    <button
      type="button"
      aria-label={own.label}
      title={own.label}
      class={`inline-grid size-9 shrink-0 place-items-center rounded-lg text-soft transition-colors hover:bg-hover hover:text-ink disabled:cursor-not-allowed disabled:opacity-50 ${own.class ?? ''}`}
      {...rest}
    >
      <Icon name={own.icon} size={own.size ?? 18} />
    </button>
  )
}
