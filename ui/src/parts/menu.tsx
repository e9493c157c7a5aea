import { DropdownMenu } from '@kobalte/core/dropdown-menu'
import { createSignal, For, Match, Show, Switch, type JSX } from 'solid-js'
import { Icon, type IconName } from './icons.tsx'

export type MenuItem =
  | { label: string; icon?: IconName; danger?: boolean; checked?: boolean; testid?: string; run: () => void }
  | 'line'
type Entry = Exclude<MenuItem, 'line'>

type MenuProps = {
  label: string
  items: readonly MenuItem[]
  trigger: JSX.Element
  triggerClass?: string
  testid?: string
}

/** What stands between two lines belongs together. */
const groupsOf = (items: readonly MenuItem[]): readonly (readonly Entry[])[] => {
  const groups: Entry[][] = [[]]
  for (const item of items) {
    if (item === 'line') groups.push([])
    else groups.at(-1)?.push(item)
  }
  return groups
}

/** A button that opens a list of actions: arrows, Home, End and first letters move; Escape and Tab close. */
export function Menu(props: MenuProps) {
  const [open, setOpen] = createSignal(false)
  const [towardsLeft, setTowardsLeft] = createSignal(false)
  let button!: HTMLButtonElement
  let picked = false
  const onOpenChange = (next: boolean) => {
    picked = false
    // A button in the right half opens towards the left, so that the list stays near it.
    const { left, width } = button.getBoundingClientRect()
    setTowardsLeft(left + width / 2 > innerWidth / 2)
    setOpen(next)
  }
  const pick = (item: Entry) => {
    if (!open()) return
    picked = true
    setOpen(false)
    // Before what was picked, which may open a dialog: closing that comes back to this button.
    button.focus()
    item.run()
  }
  return (
    <DropdownMenu
      open={open()}
      onOpenChange={onOpenChange}
      placement={towardsLeft() ? 'bottom-end' : 'bottom-start'}
      gutter={6}
      modal={false}
      preventScroll={false}
    >
      <DropdownMenu.Trigger
        ref={button}
        aria-label={props.label}
        aria-haspopup="menu"
        title={props.label}
        data-testid={props.testid}
        class={
          props.triggerClass ??
          'inline-grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-hover hover:text-ink'
        }
      >
        {props.trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          class="pop z-50 max-h-[calc(100dvh-1rem)] min-w-48 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-pop outline-none"
          onCloseAutoFocus={event => picked && event.preventDefault()}
          onKeyDown={(event: KeyboardEvent) => {
            if (event.key !== 'Tab') return
            event.preventDefault()
            setOpen(false)
          }}
        >
          <For each={groupsOf(props.items)}>
            {(group, index) => (
              <>
                <Show when={index() > 0}>
                  <DropdownMenu.Separator class="my-1 border-line" />
                </Show>
                <DropdownMenu.RadioGroup value={group.find(item => item.checked)?.label ?? ''}>
                  <For each={group}>{item => <Row item={item} onPick={() => pick(item)} />}</For>
                </DropdownMenu.RadioGroup>
              </>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  )
}

function Row(props: { item: Entry; onPick: () => void }) {
  let touched = false
  const shared = {
    closeOnSelect: false,
    get 'data-testid'() {
      return props.item.testid
    },
    get class() {
      return `ring-inner flex w-full cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-left outline-none data-[highlighted]:bg-hover max-md:py-2.5 ${props.item.danger ? 'text-danger' : ''}`
    },
    onPointerUp: (event: PointerEvent) => void (touched = event.pointerType === 'touch'),
    // A finger's click follows its lifting, and would hit what the menu covered: there the click itself picks.
    onSelect: () => void (touched || props.onPick()),
    onClick: () => props.onPick(),
    // The menu is gone when the screen below hears this key.
    onKeyDown: (event: KeyboardEvent) => {
      touched = false
      if (event.key === 'Enter' || event.key === ' ') event.preventDefault()
    },
  }
  return (
    <Switch
      fallback={
        <DropdownMenu.Item {...shared}>
          <Face item={props.item} />
        </DropdownMenu.Item>
      }
    >
      <Match when={props.item.checked !== undefined}>
        <DropdownMenu.RadioItem {...shared} value={props.item.label}>
          <Face item={props.item} />
        </DropdownMenu.RadioItem>
      </Match>
    </Switch>
  )
}

function Face(props: { item: Entry }) {
  return (
    <>
      <Show when={props.item.icon} fallback={<span class="w-4" />}>
        {icon => <Icon name={icon()} size={16} />}
      </Show>
      <span class="flex-1">{props.item.label}</span>
      <Show when={props.item.checked}>
        <Icon name="check" size={16} />
      </Show>
    </>
  )
}
