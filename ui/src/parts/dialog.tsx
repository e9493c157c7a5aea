import { createSignal, createUniqueId, onCleanup, onMount, Show, type JSX } from 'solid-js'
import { Portal } from 'solid-js/web'
import { explain } from '../i18n/explain.ts'
import { t } from '../i18n/index.ts'
import { Button, IconButton } from './button.tsx'

type ModalProps = {
  open: boolean
  onClose: () => void
  title: string
  text?: string
  wide?: boolean
  children: JSX.Element
}

/** Where a person would start: the first field; else the button that changes nothing. */
const START = 'input:not([type=hidden]):not([readonly]), select, textarea, [data-start]'

/** The platform's own modal dialog: it traps focus, takes Escape, hides what is behind, and gives focus back. */
export function Modal(props: ModalProps) {
  return (
    <Show when={props.open}>
      <Portal>
        <Box {...props} />
      </Portal>
    </Show>
  )
}

function Box(props: ModalProps) {
  let box!: HTMLDialogElement
  let pressedBehind = false
  const id = createUniqueId()
  onMount(() => {
    box.showModal()
    box.querySelector<HTMLElement>(START)?.focus()
  })
  onCleanup(() => box.close())
  return (
    <dialog
      ref={box}
      role="dialog"
      aria-modal="true"
      aria-labelledby={`${id}-title`}
      aria-describedby={props.text ? `${id}-text` : undefined}
      class={`pop m-auto max-h-[calc(100dvh-1.5rem)] w-[calc(100%-1.5rem)] overflow-y-auto rounded-2xl border border-line bg-raised p-5 text-ink shadow-pop backdrop:bg-shade ${props.wide ? 'max-w-2xl' : 'max-w-md'}`}
      on:cancel={event => {
        // The owner closes it: what is shown follows `open`, never the other way round.
        event.preventDefault()
        props.onClose()
      }}
      onPointerDown={event => (pressedBehind = event.target === box)}
      // A selection that was dragged out of a field is no wish to leave.
      onClick={event => event.target === box && pressedBehind && outside(box, event) && props.onClose()}
    >
      <div class="mb-3 flex items-start justify-between gap-3">
        <h2 id={`${id}-title`} class="min-w-0 text-base font-semibold break-words">
          {props.title}
        </h2>
        <IconButton label={t('close')} icon="close" class="-mt-1.5 -mr-1.5" onClick={() => props.onClose()} />
      </div>
      <Show when={props.text}>
        <p id={`${id}-text`} class="mb-4 text-soft">
          {props.text}
        </p>
      </Show>
      {props.children}
    </dialog>
  )
}

const outside = (box: HTMLElement, { clientX, clientY }: MouseEvent): boolean => {
  const { left, right, top, bottom } = box.getBoundingClientRect()
  return clientX < left || clientX > right || clientY < top || clientY > bottom
}

/** The two buttons under a dialog's form, and above them what went wrong. */
export function DialogActions(props: {
  error?: unknown
  busy: boolean
  confirm: string
  danger?: boolean
  onCancel: () => void
  onConfirm?: () => void
}) {
  return (
    <>
      <Show when={props.error}>
        <p role="alert" class="mt-3 rounded-lg bg-danger-bg px-3 py-2 text-danger">
          {explain(props.error)}
        </p>
      </Show>
      <div class="mt-5 flex justify-end gap-2">
        <Button data-start onClick={() => props.onCancel()}>
          {t('cancel')}
        </Button>
        <Button
          type={props.onConfirm ? 'button' : 'submit'}
          look={props.danger ? 'danger' : 'primary'}
          busy={props.busy}
          onClick={() => props.onConfirm?.()}
        >
          {props.confirm}
        </Button>
      </div>
    </>
  )
}

type ConfirmProps = {
  open: boolean
  title: string
  text: string
  confirm: string
  danger?: boolean
  onClose: () => void
  run: () => Promise<unknown>
}

/** Asks before something with consequences, says them, and stays open with the reason when it fails. */
export function Confirm(props: ConfirmProps) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const run = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await props.run()
      props.onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open={props.open} onClose={props.onClose} title={props.title} text={props.text}>
      <DialogActions
        error={error()}
        busy={busy()}
        confirm={props.confirm}
        danger={props.danger ?? false}
        onCancel={props.onClose}
        onConfirm={() => void run()}
      />
    </Modal>
  )
}
