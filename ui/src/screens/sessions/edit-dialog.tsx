import { createSignal, Show, untrack } from 'solid-js'
import { api, type Session, type SessionChange } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { Field, SelectField } from '../../parts/field.tsx'
import { fieldsOf } from '../../parts/form.ts'
import { queues, sessions } from '../../stores/directory.ts'
import { ChannelSettings, channelSettings } from './channel-settings.tsx'
import { check, hasHealth } from './health-checks.ts'
import { QueuePicker } from './queue-picker.tsx'

const REOPEN_MINUTES_MAX = 525_600
const POLICIES = ['reopen', 'same-agent', 'new'] as const
type Policy = (typeof POLICIES)[number]

/** A channel's name, its queues, what a customer's return does; its own settings, and other secrets. */
export function EditSession(props: { session: Session; running: boolean; onClose: () => void }) {
  const [queueIds, setQueueIds] = createSignal<readonly string[]>(untrack(() => props.session.queueIds))
  const [policy, setPolicy] = createSignal<Policy>(untrack(() => props.session.settings.reopenPolicy))
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = fieldsOf(event.currentTarget)
    const own = channelSettings(props.session, field)
    const change: SessionChange = {
      name: field('name'),
      queueIds: [...queueIds()],
      settings: {
        reopenPolicy: policy(),
        ...(policy() === 'new' ? {} : { reopenMinutes: Number(field('reopenMinutes')) }),
        ...own,
      },
    }
    setBusy(true)
    setError(undefined)
    try {
      await api.sessions.change(props.session.id, change)
      // A running connection still holds the old ones.
      if (Object.keys(own).length > 0 && props.running) await api.sessions.act(props.session.id, 'restart')
      await sessions.load()
      if (Object.keys(own).length > 0 && hasHealth(props.session)) void check(props.session.id)
      props.onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open onClose={props.onClose} title={t('session.edit.title')} wide>
      <form class="grid gap-4" data-testid="session-edit" onSubmit={e => void submit(e)}>
        <Field name="name" label={t('name')} required maxlength="120" value={props.session.name} />
        <Show when={queues.items.length}>
          <div class="grid gap-1">
            <QueuePicker chosen={queueIds()} onChange={setQueueIds} />
            <p class="text-xs text-faint">
              {queueIds().length === 0
                ? t('session.queues.none')
                : queueIds().length === 1
                  ? t('session.queues.one')
                  : t('session.queues.many')}
            </p>
          </div>
        </Show>
        <div class="grid items-end gap-3 sm:grid-cols-[2fr_1fr]">
          <SelectField
            label={t('session.reopen')}
            value={policy()}
            onPick={value => setPolicy(value as Policy)}
            choices={POLICIES.map(value => ({ value, label: t(`session.reopen.${value}`) }))}
          />
          <Show when={policy() !== 'new'}>
            <Field
              name="reopenMinutes"
              label={t('session.reopenMinutes')}
              type="number"
              required
              min="0"
              max={REOPEN_MINUTES_MAX}
              step="1"
              value={props.session.settings.reopenMinutes}
            />
          </Show>
        </div>
        <p class="-mt-2 text-xs text-faint">{t(`session.reopen.${policy()}.text`)}</p>
        <ChannelSettings session={props.session} />
        <DialogActions error={error()} busy={busy()} confirm={t('save')} onCancel={props.onClose} />
      </form>
    </Modal>
  )
}
