import { createSignal } from 'solid-js'
import { api } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { fieldsOf } from '../../parts/form.ts'

export function NewContact(props: { onClose: () => void; onCreated: (id: string) => void }) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = fieldsOf(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      const email = field('email')
      const answer = await api.contacts.create({
        name: field('name'),
        phone: field('phone').replace(/\D/g, ''),
        ...(email ? { email } : {}),
      })
      props.onCreated(answer.id)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open onClose={props.onClose} title={t('contact.new')}>
      <form class="grid gap-3" onSubmit={e => void submit(e)}>
        <Field name="name" label={t('name')} required maxlength="120" />
        <Field
          name="phone"
          label={t('contact.phone')}
          required
          inputmode="tel"
          placeholder="+55 11 98888-7777"
          hint={t('contact.phone.hint')}
        />
        <Field name="email" label={t('contact.email')} type="email" hint={t('optional')} />
        <DialogActions error={error()} busy={busy()} confirm={t('create')} onCancel={props.onClose} />
      </form>
    </Modal>
  )
}
