import { createSignal, Show } from 'solid-js'
import type { Session } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Modal } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'

type Hooked = Pick<Session, 'id' | 'provider'>
const pathOf = ({ id, provider }: Hooked): string =>
  `/webhooks/${provider === 'cloud' ? 'whatsapp' : provider}/${id}`

/** What has to be pasted into Meta's console. */
export function WebhookDialog(props: { session: Hooked; verifyToken: string; onClose: () => void }) {
  return (
    <Modal open onClose={props.onClose} title={t('webhook.title')} text={t('webhook.text')} wide>
      <Copyable label={t('webhook.url')} value={`${location.origin}${pathOf(props.session)}`} />
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
