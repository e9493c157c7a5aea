import { createEffect, createMemo, createSignal, createUniqueId, For, Show, untrack } from 'solid-js'
import { createStore, produce, unwrap } from 'solid-js/store'
import type { Ticket } from '../../../api/index.ts'
import { Button, IconButton } from '../../../parts/button.tsx'
import { Modal } from '../../../parts/dialog.tsx'
import { inputClass } from '../../../parts/field.tsx'
import { Tabs } from '../../../parts/tabs.tsx'
import { readStored, writeStored } from '../../../stores/stored.ts'
import { sendReply } from '../../../stores/threads.ts'
import { choicesIn } from '../media-of.ts'
import { ChoicesCard } from '../structured.tsx'
import {
  choicesOf,
  emptyRow,
  emptySheet,
  offeredIn,
  problemsIn,
  type Limits,
  type Row,
  type Sheet,
} from './sheet.ts'
import { w } from './words.ts'

/** Buttons or a list below a question, within what the channel takes. What was begun is there when it is opened again. */
export default function ChoicesComposer(props: { ticket: Ticket; limits: Limits; onClose: () => void }) {
  let form!: HTMLFormElement
  const store = untrack(() => `choices.${props.ticket.id}`)
  const [sheet, setSheet] = createStore<Sheet>(readStored(store, emptySheet()))
  const [tried, setTried] = createSignal(false)
  const panel = createUniqueId()
  createEffect(() => writeStored(store, JSON.parse(JSON.stringify(sheet)) as Sheet))

  const list = () => (sheet.type === 'list' ? props.limits.list : null)
  const most = () => list()?.rowsMax ?? props.limits.buttons.max
  const problems = createMemo(() => problemsIn(sheet, props.limits))
  const noteOf = (field: string): string | undefined => {
    const wrong = problems()[field]
    if (!wrong || (wrong.what === 'missing' && !tried())) return undefined
    return w(wrong.what, { max: wrong.max ?? 0, count: wrong.count ?? 0 })
  }
  const full = () => offeredIn(sheet).length >= most()
  const rowsName = () => (sheet.type === 'buttons' ? ('buttons' as const) : ('rows' as const))

  const focusRow = (key: string | undefined) =>
    queueMicrotask(() => form.querySelector<HTMLElement>(`[data-row="${key}"]`)?.focus())
  const addRow = (section: number, after?: Row) => {
    if (full()) return
    const row = emptyRow(section)
    setSheet(rowsName(), rows => {
      const at = after ? rows.findIndex(({ key }) => key === after.key) + 1 : rows.length
      return [...rows.slice(0, at), row, ...rows.slice(at)]
    })
    focusRow(row.key)
  }
  const removeRow = (row: Row) => {
    const all = offeredIn(sheet)
    if (all.length < 2) return
    const at = all.findIndex(({ key }) => key === row.key)
    const beside = (all[at - 1] ?? all[at + 1])?.key
    setSheet(rowsName(), rows => rows.filter(({ key }) => key !== row.key))
    focusRow(beside)
  }
  /** By one place within its section. */
  const move = (row: Row, by: -1 | 1) => {
    setSheet(
      produce(all => {
        const rows = all[rowsName()]
        const at = rows.findIndex(({ key }) => key === row.key)
        let to = at + by
        while (rows[to] && rows[to]?.section !== row.section) to += by
        const [one, other] = [rows[at], rows[to]]
        if (one && other) [rows[at], rows[to]] = [other, one]
      }),
    )
    focusRow(row.key)
  }
  const setRow = (row: Row, change: Partial<Row>) =>
    setSheet(rowsName(), ({ key }) => key === row.key, change)
  const removeSection = (index: number) =>
    setSheet(
      produce(all => {
        all.sections.splice(index, 1)
        for (const row of all.rows) if (row.section >= index && row.section > 0) row.section -= 1
      }),
    )
  const onRowKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }, row: Row) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return
    const arrow = event.altKey && (event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null)
    if (arrow) move(row, arrow)
    else if (event.key === 'Enter') {
      const all = offeredIn(sheet)
      const next = all[all.findIndex(({ key }) => key === row.key) + 1]
      if (next) focusRow(next.key)
      else addRow(row.section, row)
    } else if (event.key === 'Backspace' && event.currentTarget.value === '' && offeredIn(sheet).length > 1)
      removeRow(row)
    else return
    event.preventDefault()
  }

  const send = () => {
    setTried(true)
    if (Object.keys(problems()).length > 0) {
      queueMicrotask(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return
    }
    const key = crypto.randomUUID()
    void sendReply(props.ticket.id, {
      key,
      body: sheet.question.trim(),
      interactive: choicesOf(unwrap(sheet), key),
      at: new Date().toISOString(),
    })
    setSheet(emptySheet())
    writeStored(store, null)
    props.onClose()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    send()
  }
  const shown = () => choicesIn(choicesOf(sheet, 'preview'))
  return (
    <Modal open wide title={w('title')} onClose={() => props.onClose()}>
      <form
        ref={form}
        noValidate
        data-testid="choices-composer"
        onKeyDown={onKeyDown}
        onSubmit={event => {
          event.preventDefault()
          send()
        }}
      >
        <Show when={props.limits.list}>
          <Tabs
            label={w('as')}
            names={['buttons', 'list'] as const}
            chosen={sheet.type}
            panel={panel}
            class="mb-3 flex border-b border-line"
            onChoose={type => setSheet('type', type)}
          >
            {name => w(name)}
          </Tabs>
        </Show>
        <div id={panel} class="grid grid-cols-1 gap-4 md:grid-cols-2">
          <div class="grid min-w-0 grid-cols-1 content-start gap-2.5">
            <label class="grid gap-1 text-[13px] font-medium text-soft">
              {w('question')}
              <textarea
                rows="2"
                data-testid="choices-question"
                class="min-h-16 w-full resize-y rounded-lg border border-field bg-surface px-3 py-2 font-normal text-ink focus-visible:outline-offset-0 aria-[invalid=true]:border-danger"
                aria-invalid={noteOf('question') ? 'true' : 'false'}
                value={sheet.question}
                onInput={event => setSheet('question', event.currentTarget.value)}
              />
              <Trouble text={noteOf('question')} />
            </label>
            <Show when={list()}>
              {limits => (
                <Line
                  label={w('opener')}
                  testid="choices-opener"
                  max={limits().openerMax}
                  value={sheet.opener}
                  trouble={noteOf('opener')}
                  onInput={value => setSheet('opener', value)}
                />
              )}
            </Show>
            <Show
              when={list()}
              fallback={<For each={sheet.buttons}>{row => <RowFields row={row} rows={sheet.buttons} />}</For>}
            >
              {limits => (
                <For each={sheet.sections}>
                  {(title, index) => (
                    <div class="grid grid-cols-1 gap-2.5">
                      <Show when={sheet.sections.length > 1}>
                        <div class="flex items-start gap-1">
                          <Line
                            label={w('section', { number: index() + 1 })}
                            max={limits().titleMax}
                            value={title}
                            trouble={noteOf(`section.${index()}`)}
                            onInput={value => setSheet('sections', index(), value)}
                          />
                          <IconButton
                            label={w('removeSection', { number: index() + 1 })}
                            icon="trash"
                            size={16}
                            class="mt-6"
                            onClick={() => removeSection(index())}
                          />
                        </div>
                      </Show>
                      <For each={sheet.rows.filter(({ section }) => section === index())}>
                        {row => (
                          <RowFields
                            row={row}
                            rows={offeredIn(sheet)}
                            descriptionMax={limits().descriptionMax}
                          />
                        )}
                      </For>
                      <Show when={sheet.sections.length > 1}>
                        <Adder label={w('addRow')} disabled={full()} onClick={() => addRow(index())} />
                      </Show>
                    </div>
                  )}
                </For>
              )}
            </Show>
            <div class="flex flex-wrap gap-2">
              <Show when={sheet.type === 'buttons' || sheet.sections.length === 1}>
                <Adder
                  testid="choices-add"
                  label={w(sheet.type === 'buttons' ? 'addButton' : 'addRow')}
                  disabled={full()}
                  onClick={() => addRow(0)}
                />
              </Show>
              <Show when={(list()?.sectionsMax ?? 0) > sheet.sections.length}>
                <Adder
                  label={w('addSection')}
                  disabled={full()}
                  onClick={() => {
                    setSheet('sections', all => [...all, ''])
                    addRow(sheet.sections.length - 1)
                  }}
                />
              </Show>
              <span class="ml-auto self-center text-xs text-faint" role="status">
                {w('left', { count: offeredIn(sheet).length, max: most() })}
              </span>
            </div>
          </div>
          <section aria-label={w('preview')} class="min-w-0 content-start rounded-xl bg-canvas p-3">
            <p class="mb-2 text-xs text-faint">{w('preview')}</p>
            <div class="ml-auto w-fit max-w-full min-w-24 rounded-2xl rounded-br-md bg-bubble-out px-3 py-1.5">
              <p data-testid="choices-preview" class="wrap-anywhere whitespace-pre-wrap">
                {sheet.question.trim() || '…'}
              </p>
              <Show when={shown()}>{choices => <ChoicesCard choices={choices()} />}</Show>
            </div>
          </section>
        </div>
        <p class="mt-3 text-xs text-faint max-md:hidden">{w('keys')}</p>
        <div class="mt-4 flex justify-between gap-2">
          <Button look="ghost" icon="undo" onClick={() => setSheet(emptySheet())}>
            {w('clear')}
          </Button>
          <Button type="submit" look="primary" icon="send" data-testid="choices-send">
            {w('send')}
          </Button>
        </div>
      </form>
    </Modal>
  )

  /** One choice: its words, and in a list what is said below them. */
  function RowFields(own: { row: Row; rows: readonly Row[]; descriptionMax?: number }) {
    const number = () => own.rows.findIndex(({ key }) => key === own.row.key) + 1
    const inSection = () =>
      own.rows
        .filter(({ section }) => section === own.row.section)
        .findIndex(({ key }) => key === own.row.key)
    const label = () => w(own.descriptionMax === undefined ? 'button' : 'row', { number: number() })
    const limits = () => list() ?? props.limits.buttons
    return (
      <div class="grid grid-cols-1 gap-1" role="group" aria-label={label()}>
        <div class="flex items-start gap-1">
          <Line
            label={label()}
            testid="choice-title"
            row={own.row.key}
            max={limits().titleMax}
            value={own.row.title}
            trouble={noteOf(own.row.key)}
            onInput={title => setRow(own.row, { title })}
            onKeyDown={event => onRowKey(event, own.row)}
          />
          <Show when={inSection() > 0}>
            <IconButton
              label={w('up', { what: own.row.title || label() })}
              icon="back"
              size={16}
              class="mt-6 rotate-90"
              onClick={() => move(own.row, -1)}
            />
          </Show>
          <Show when={own.rows.length > 1}>
            <IconButton
              label={w('remove', { what: own.row.title || label() })}
              icon="close"
              size={16}
              class="mt-6"
              onClick={() => removeRow(own.row)}
            />
          </Show>
        </div>
        <Show when={own.descriptionMax}>
          {max => (
            <Line
              label={w('description', { number: number() })}
              hidden
              testid="choice-description"
              max={max()}
              value={own.row.description}
              trouble={noteOf(`${own.row.key}.description`)}
              onInput={description => setRow(own.row, { description })}
            />
          )}
        </Show>
      </div>
    )
  }
}

function Trouble(props: { text: string | undefined }) {
  return (
    <span role="alert" class="text-xs font-normal text-danger empty:hidden">
      {props.text}
    </span>
  )
}

function Adder(props: { label: string; disabled: boolean; testid?: string; onClick: () => void }) {
  return (
    <Button
      small
      icon="plus"
      class="justify-self-start"
      data-testid={props.testid}
      disabled={props.disabled}
      onClick={() => props.onClick()}
    >
      {props.label}
    </Button>
  )
}

/** One line of words, and how much of it the channel takes. */
function Line(props: {
  label: string
  /** The label is for those who cannot see where the field stands. */
  hidden?: boolean
  value: string
  max: number
  trouble: string | undefined
  testid?: string
  row?: string
  onInput: (value: string) => void
  onKeyDown?: (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => void
}) {
  const id = createUniqueId()
  return (
    <div class="grid min-w-0 flex-1 grid-cols-1 gap-1">
      <label
        for={id}
        class={props.hidden ? 'sr-only' : 'flex justify-between gap-2 text-[13px] font-medium text-soft'}
      >
        {props.label}
        <Show when={!props.hidden && props.value.length > 0}>
          <span
            aria-hidden="true"
            class="font-normal"
            classList={{
              'text-danger': props.value.trim().length > props.max,
              'text-faint': props.value.trim().length <= props.max,
            }}
          >
            {props.value.trim().length}/{props.max}
          </span>
        </Show>
      </label>
      <input
        id={id}
        class={inputClass}
        autocomplete="off"
        data-testid={props.testid}
        data-row={props.row}
        placeholder={props.hidden ? props.label : undefined}
        aria-invalid={props.trouble ? 'true' : 'false'}
        aria-describedby={`${id}-note`}
        value={props.value}
        onInput={event => props.onInput(event.currentTarget.value)}
        onKeyDown={event => props.onKeyDown?.(event)}
      />
      <span id={`${id}-note`} class="contents">
        <Trouble text={props.trouble} />
      </span>
    </div>
  )
}
