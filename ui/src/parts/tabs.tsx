import { For, type JSX } from 'solid-js'

type TabsProps<Name extends string> = {
  label: string
  names: readonly Name[]
  chosen: Name
  onChoose: (name: Name) => void
  /** Id of what the tabs switch. */
  panel: string
  class?: string
  children: (name: Name) => JSX.Element
}

/** Tabs that follow the arrows; only the chosen one is a stop of the Tab key. */
export function Tabs<Name extends string>(props: TabsProps<Name>) {
  let list!: HTMLDivElement
  const onKeyDown = (event: KeyboardEvent) => {
    const count = props.names.length
    const at = props.names.indexOf(props.chosen)
    const places: Record<string, number> = {
      ArrowRight: (at + 1) % count,
      ArrowLeft: (at + count - 1) % count,
      Home: 0,
      End: count - 1,
    }
    const next = places[event.key]
    const name = next === undefined ? undefined : props.names[next]
    if (name === undefined) return
    event.preventDefault()
    props.onChoose(name)
    list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus()
  }
  return (
    <div ref={list} role="tablist" class={props.class} aria-label={props.label} onKeyDown={onKeyDown}>
      <For each={props.names}>
        {name => (
          <button
            type="button"
            role="tab"
            data-testid={`tab-${name}`}
            aria-selected={props.chosen === name}
            aria-controls={props.panel}
            tabindex={props.chosen === name ? 0 : -1}
            class="ring-inner grid h-12 min-w-0 flex-1 content-center justify-items-center border-b-2 border-transparent text-[12.5px] leading-tight whitespace-nowrap text-faint hover:text-ink aria-selected:border-accent aria-selected:font-semibold aria-selected:text-accent-ink"
            onClick={() => props.onChoose(name)}
          >
            {props.children(name)}
          </button>
        )}
      </For>
    </div>
  )
}
