import { createSignal, For, Show } from 'solid-js'
import { api } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { DialogActions, Modal } from '../../parts/dialog.tsx'
import { CheckField, Field } from '../../parts/field.tsx'
import { fieldsOf } from '../../parts/form.ts'
import { queues, sessions } from '../../stores/directory.ts'

const randomToken = (): string => crypto.randomUUID().replaceAll('-', '')

/** What Meta's console gives, entered once; secrets are sent and never shown again. */
export function CloudDialog(props: {
  onClose: () => void
  onCreated: (id: string, verifyToken: string) => void
}) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const [queueIds, setQueueIds] = createSignal<readonly string[]>([])
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = fieldsOf(event.currentTarget)
    const optional = field('businessAccountId')
    setBusy(true)
    setError(undefined)
    try {
      const { id } = await api.sessions.create({
        name: field('name'),
        provider: 'cloud',
        queueIds: [...queueIds()],
        settings: {
          phoneNumberId: field('phoneNumberId'),
          accessToken: field('accessToken'),
          appSecret: field('appSecret'),
          verifyToken: field('verifyToken'),
          ...(optional ? { businessAccountId: optional } : {}),
        },
      })
      await api.sessions.act(id, 'start')
      await sessions.load()
      props.onCreated(id, field('verifyToken'))
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open onClose={props.onClose} title={t('cloud.title')} text={t('cloud.text')} wide>
      <form class="grid gap-3" onSubmit={e => void submit(e)}>
        <div class="grid gap-3 sm:grid-cols-2">
          <Field name="name" label={t('name')} required maxlength="80" value="WhatsApp" />
          <Field
            name="phoneNumberId"
            label={t('cloud.phoneNumberId')}
            required
            inputmode="numeric"
            hint={t('cloud.phoneNumberId.hint')}
          />
          <Field name="businessAccountId" label={t('cloud.businessAccountId')} hint={t('optional')} />
          <Field
            name="accessToken"
            label={t('cloud.accessToken')}
            required
            type="password"
            autocomplete="off"
            hint={t('cloud.secret.hint')}
          />
          <Field
            name="appSecret"
            label={t('cloud.appSecret')}
            required
            type="password"
            autocomplete="off"
            hint={t('cloud.appSecret.hint')}
          />
          <Field
            name="verifyToken"
            label={t('cloud.verifyToken')}
            required
            value={randomToken()}
            hint={t('cloud.verifyToken.hint')}
          />
        </div>
        <Show when={queues.items.length}>
          <QueuePicker chosen={queueIds()} onChange={setQueueIds} />
        </Show>
        <DialogActions error={error()} busy={busy()} confirm={t('create')} onCancel={props.onClose} />
      </form>
    </Modal>
  )
}

export function QueuePicker(props: {
  chosen: readonly string[]
  onChange: (ids: readonly string[]) => void
}) {
  return (
    <fieldset>
      <legend class="mb-1 text-[13px] font-medium text-soft">{t('nav.queues')}</legend>
      <div class="grid gap-1 sm:grid-cols-2">
        <For each={queues.items}>
          {queue => (
            <CheckField
              label={queue.name}
              checked={props.chosen.includes(queue.id)}
              onToggle={on =>
                props.onChange(on ? [...props.chosen, queue.id] : props.chosen.filter(id => id !== queue.id))
              }
            />
          )}
        </For>
      </div>
    </fieldset>
  )
}

/** What has to be pasted into Meta's console. */
export function WebhookDialog(props: { id: string; verifyToken: string; onClose: () => void }) {
  const url = () => `${location.origin}/webhooks/whatsapp/${props.id}`
  return (
    <Modal open onClose={props.onClose} title={t('webhook.title')} text={t('webhook.text')} wide>
      <Copyable label={t('webhook.url')} value={url()} />
      <Show when={props.verifyToken} fallback={<p class="mt-3 text-faint">{t('webhook.tokenHidden')}</p>}>
        <Copyable label={t('cloud.verifyToken')} value={props.verifyToken} />
      </Show>
      <div class="mt-5 flex justify-end">
        <Button look="primary" onClick={() => props.onClose()}>
          {t('done')}
        </Button>
      </div>
    </Modal>
  )
}

function Copyable(props: { label: string; value: string }) {
  const [copied, setCopied] = createSignal(false)
  const copy = () =>
    navigator.clipboard.writeText(props.value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <div class="mt-3 flex items-end gap-2">
      <Field
        class="min-w-0 flex-1"
        label={props.label}
        value={props.value}
        readonly
        onFocus={e => e.currentTarget.select()}
      />
      <Button icon={copied() ? 'check' : 'file'} onClick={() => void copy()}>
        {copied() ? t('copied') : t('copy')}
      </Button>
    </div>
  )
}
