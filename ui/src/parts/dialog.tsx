import { Dialog } from '@kobalte/core/dialog'
import { createSignal, onCleanup, Show, type JSX } from 'solid-js'
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

/** A modal dialog: it keeps focus, takes Escape and a press beside it, hides what is behind, and gives focus back. */
export function Modal(props: ModalProps) {
  return (
    <Show when={props.open}>
      <Box {...props} />
    </Show>
  )
}

/** The dialogs that are open, the uppermost last. */
const [pile, setPile] = createSignal<readonly symbol[]>([])

function Box(props: ModalProps) {
  const before = document.activeElement
  const self = Symbol('dialog')
  setPile(all => [...all, self])
  onCleanup(() => setPile(all => all.filter(one => one !== self)))
  /**
   * Each dialog hides from screen readers whatever is not its own, and what is added to the page later, too: a second dialog
   * whose code had to come was hidden by the first. The uppermost is marked as what nobody hides.
   */
  const mark = () => (pile().at(-1) === self ? { 'data-kb-top-layer': '' } : {})
  let box!: HTMLDivElement
  const start = (event: Event) => {
    const first = box.querySelector<HTMLElement>(START)
    if (!first) return
    event.preventDefault()
    first.focus()
  }
  return (
    // The owner closes it: what is shown follows `open`, never the other way round.
    <Dialog open onOpenChange={open => !open && props.onClose()} preventScroll={false}>
      <Dialog.Portal>
        <Dialog.Overlay class="fixed inset-0 z-40 bg-shade" />
        <div class="fixed inset-0 z-50 grid place-items-center p-3">
          <Dialog.Content
            {...mark()}
            ref={box}
            aria-modal="true"
            class={`pop max-h-[calc(100dvh-1.5rem)] w-full overflow-y-auto rounded-2xl border border-line bg-raised p-5 text-ink shadow-pop outline-none ${props.wide ? 'max-w-2xl' : 'max-w-md'}`}
            onOpenAutoFocus={start}
            onCloseAutoFocus={() => before instanceof HTMLElement && before.focus()}
          >
            <div class="mb-3 flex items-start justify-between gap-3">
              <Dialog.Title class="min-w-0 text-base font-semibold break-words">{props.title}</Dialog.Title>
              <IconButton
                label={t('close')}
                icon="close"
                class="-mt-1.5 -mr-1.5"
                onClick={() => props.onClose()}
              />
            </div>
            <Show when={props.text}>
              <Dialog.Description class="mb-4 text-soft">{props.text}</Dialog.Description>
            </Show>
            {props.children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog>
  )
}

/** The two buttons under a dialog's form, and above them what went wrong. */
export function DialogActions(props: {
  error?: unknown
  busy: boolean
  confirm: string
  /** Instead of "cancel", where the other button leads somewhere. */
  cancel?: string
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
          {props.cancel ?? t('cancel')}
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
