import { DropdownMenu } from '@kobalte/core/dropdown-menu'
import { For, Show, type JSX } from 'solid-js'
import { Icon, type IconName } from './icons.tsx'

export type MenuItem =
  | { label: string; icon?: IconName; danger?: boolean; checked?: boolean; testid?: string; run: () => void }
  | 'line'

export function Menu(props: {
  label: string
  items: readonly MenuItem[]
  trigger: JSX.Element
  triggerClass?: string
  testid?: string
}) {
  return (
    <DropdownMenu gutter={6} preventScroll={false}>
      <DropdownMenu.Trigger
        aria-label={props.label}
        title={props.label}
        data-testid={props.testid}
        class={
          props.triggerClass ??
          'inline-grid size-9 place-items-center rounded-lg text-soft hover:bg-hover hover:text-ink'
        }
      >
        {props.trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content class="pop z-50 min-w-48 rounded-xl border border-line bg-raised p-1 shadow-pop">
          <For each={props.items}>
            {item =>
              item === 'line' ? <DropdownMenu.Separator class="my-1 border-line" /> : <Row item={item} />
            }
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  )
}

function Row(props: { item: Exclude<MenuItem, 'line'> }) {
  return (
    <DropdownMenu.Item
      onSelect={() => props.item.run()}
      data-testid={props.item.testid}
      class={`flex cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-1.5 outline-none data-[highlighted]:bg-hover ${props.item.danger ? 'text-danger' : ''}`}
    >
      <Show when={props.item.icon} fallback={<span class="w-4" />}>
        {icon => <Icon name={icon()} size={16} />}
      </Show>
      <span class="flex-1">{props.item.label}</span>
      <Show when={props.item.checked}>
        <Icon name="check" size={16} />
      </Show>
    </DropdownMenu.Item>
  )
}
