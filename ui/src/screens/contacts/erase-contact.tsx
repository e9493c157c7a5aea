import { createSignal } from 'solid-js'
import { api, type Contact } from '../../api/index.ts'
import { contactName } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'

/** Erasing a person has no way back: the word is typed, not pressed by mistake. */
export function EraseContact(props: { contact: Contact; onClose: () => void; onErased: () => void }) {
  const [typed, setTyped] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const word = () => t('contact.erase.word')
  const erase = async (event: SubmitEvent) => {
    event.preventDefault()
    event.stopPropagation()
    if (typed().trim().toLocaleUpperCase() !== word()) return
    setBusy(true)
    setError(undefined)
    try {
      await api.contacts.erase(props.contact.id)
      props.onErased()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      onClose={props.onClose}
      title={`${t('contact.erase.title')} ${contactName(props.contact)}`}
      text={t('contact.erase.text')}
    >
      <form onSubmit={e => void erase(e)}>
        <Field
          label={t('contact.erase.type', { word: word() })}
          value={typed()}
          autocomplete="off"
          required
          pattern={`\\s*${word()}\\s*`}
          data-testid="contact-erase-word"
          onInput={e => setTyped(e.currentTarget.value)}
        />
        <DialogActions
          danger
          error={error()}
          busy={busy()}
          confirm={t('contact.erase')}
          onCancel={props.onClose}
        />
      </form>
    </Modal>
  )
}
