import { createSignal, createUniqueId, For, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { Portal } from 'solid-js/web'
import { Icon, type IconName } from './icons.tsx'
import { placeBeside } from './place-beside.ts'

export type MenuItem =
  | { label: string; icon?: IconName; danger?: boolean; checked?: boolean; testid?: string; run: () => void }
  | 'line'
type Entry = Exclude<MenuItem, 'line'>
type End = 'first' | 'last'

type MenuProps = {
  label: string
  items: readonly MenuItem[]
  trigger: JSX.Element
  triggerClass?: string
  testid?: string
}

/** A button that opens a list of actions: arrows, Home, End and first letters move; Escape and Tab close. */
export function Menu(props: MenuProps) {
  const [open, setOpen] = createSignal<End>()
  const id = createUniqueId()
  let button!: HTMLButtonElement
  const onKeyDown = (event: KeyboardEvent) => {
    const end = ({ ArrowDown: 'first', ArrowUp: 'last' } as const)[event.key]
    if (!end) return
    event.preventDefault()
    setOpen(end)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={props.label}
        aria-haspopup="menu"
        aria-expanded={!!open()}
        aria-controls={open() ? id : undefined}
        title={props.label}
        data-testid={props.testid}
        class={
          props.triggerClass ??
          'inline-grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-hover hover:text-ink'
        }
        onClick={() => setOpen(was => (was ? undefined : 'first'))}
        on:keydown={onKeyDown}
      >
        {props.trigger}
      </button>
      <Show when={open()}>
        {end => (
          <Portal>
            <List
              id={id}
              label={props.label}
              items={props.items}
              start={end()}
              beside={button}
              onClose={refocus => {
                setOpen(undefined)
                if (refocus) button.focus()
              }}
            />
          </Portal>
        )}
      </Show>
    </>
  )
}

type ListProps = {
  id: string
  label: string
  items: readonly MenuItem[]
  start: End
  beside: HTMLElement
  onClose: (refocus: boolean) => void
}

function List(props: ListProps) {
  let list!: HTMLDivElement
  const rows = () => [...list.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
  const step = (by: number) => {
    const all = rows()
    const at = all.indexOf(document.activeElement as HTMLElement)
    all[(at + by + all.length) % all.length]?.focus()
  }
  const toLetter = (letter: string) => {
    const all = rows()
    const at = all.indexOf(document.activeElement as HTMLElement) + 1
    const begins = (row: HTMLElement) => row.innerText.trim().toLocaleLowerCase().startsWith(letter)
    ;[...all.slice(at), ...all.slice(0, at)].find(begins)?.focus()
  }
  const keys: Record<string, () => unknown> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => rows()[0]?.focus(),
    End: () => rows().at(-1)?.focus(),
    Escape: () => props.onClose(true),
    Tab: () => props.onClose(true),
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const letter = event.key.length === 1 && event.key !== ' '
    const run = letter ? () => toLetter(event.key.toLocaleLowerCase()) : keys[event.key]
    if (!run) return
    event.preventDefault()
    // A key that means something here means nothing to the screen below.
    event.stopPropagation()
    run()
  }
  const onPress = (event: PointerEvent) => {
    const target = event.target as Node
    if (!list.contains(target) && !props.beside.contains(target)) props.onClose(false)
  }
  const close = () => props.onClose(false)
  onMount(() => {
    placeBeside(list, props.beside)
    rows()
      .at(props.start === 'first' ? 0 : -1)
      ?.focus({ preventScroll: true })
    document.addEventListener('pointerdown', onPress, true)
    addEventListener('resize', close)
  })
  onCleanup(() => {
    document.removeEventListener('pointerdown', onPress, true)
    removeEventListener('resize', close)
  })
  return (
    <div
      ref={list}
      id={props.id}
      role="menu"
      tabindex="-1"
      aria-label={props.label}
      class="pop fixed z-50 max-h-[calc(100dvh-1rem)] min-w-48 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-pop"
      on:keydown={onKeyDown}
    >
      <For each={props.items}>
        {item =>
          item === 'line' ? (
            <hr class="my-1 border-line" />
          ) : (
            <Row
              item={item}
              onPick={() => {
                props.onClose(true)
                item.run()
              }}
            />
          )
        }
      </For>
    </div>
  )
}

function Row(props: { item: Entry; onPick: () => void }) {
  const choice = () => props.item.checked !== undefined
  return (
    <button
      type="button"
      role={choice() ? 'menuitemradio' : 'menuitem'}
      aria-checked={choice() ? props.item.checked : undefined}
      tabindex="-1"
      data-testid={props.item.testid}
      class={`ring-inner flex w-full items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-left focus:bg-hover max-md:py-2.5 ${props.item.danger ? 'text-danger' : ''}`}
      onPointerMove={event => event.currentTarget.focus({ preventScroll: true })}
      onClick={() => props.onPick()}
    >
      <Show when={props.item.icon} fallback={<span class="w-4" />}>
        {icon => <Icon name={icon()} size={16} />}
      </Show>
      <span class="flex-1">{props.item.label}</span>
      <Show when={props.item.checked}>
        <Icon name="check" size={16} />
      </Show>
    </button>
  )
}
