import { createSignal, For, Show, untrack } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { DialogActions } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { fieldsOf } from '../../parts/form.ts'
import { queues, sessions } from '../../stores/directory.ts'
import { QueuePicker } from './queue-picker.tsx'
import { w } from './words.ts'

type Provider = Session['provider']
export type Created = { readonly id: string; readonly provider: Provider; readonly verifyToken: string }

type Wanted = {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly secret?: true
  readonly optional?: true
  readonly value?: string
}
const randomToken = (): string => crypto.randomUUID().replaceAll('-', '')

const shared = (): Wanted[] => [
  { name: 'appSecret', label: t('cloud.appSecret'), hint: t('cloud.appSecret.hint'), secret: true },
  {
    name: 'verifyToken',
    label: t('cloud.verifyToken'),
    hint: t('cloud.verifyToken.hint'),
    value: randomToken(),
  },
]
const page = (provider: 'messenger' | 'instagram'): Wanted[] => [
  { name: 'pageId', label: w(`pageId.${provider}`) },
  { name: 'pageAccessToken', label: w('pageAccessToken'), hint: t('cloud.secret.hint'), secret: true },
  ...shared(),
]
/** What each channel's owner gives once; secrets are sent and never shown again. */
const WANTED: { readonly [P in Provider]: () => readonly Wanted[] } = {
  baileys: () => [],
  simulator: () => [],
  cloud: () => [
    { name: 'phoneNumberId', label: t('cloud.phoneNumberId'), hint: t('cloud.phoneNumberId.hint') },
    { name: 'businessAccountId', label: t('cloud.businessAccountId'), hint: t('optional'), optional: true },
    { name: 'accessToken', label: t('cloud.accessToken'), hint: t('cloud.secret.hint'), secret: true },
    ...shared(),
  ],
  messenger: () => page('messenger'),
  instagram: () => page('instagram'),
}
const NAMES: { readonly [P in Provider]: () => string } = {
  baileys: () => 'WhatsApp',
  cloud: () => 'WhatsApp',
  messenger: () => 'Messenger',
  instagram: () => 'Instagram',
  simulator: () => t('session.defaultName'),
}

/** A name, queues, and what the channel needs to know: then it is there, and being connected. */
export function ChannelForm(props: {
  provider: Provider
  onBack: () => void
  onCreated: (created: Created) => void
}) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const [queueIds, setQueueIds] = createSignal<readonly string[]>([])
  const wanted = untrack(() => WANTED[props.provider]())
  /** Made, but not started: a second try starts it instead of making another. */
  let made: string | undefined
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = fieldsOf(event.currentTarget)
    const given = wanted.map(({ name }) => [name, field(name)] as const).filter(([, value]) => value !== '')
    setBusy(true)
    setError(undefined)
    try {
      made ??= (
        await api.sessions.create({
          name: field('name'),
          provider: props.provider,
          queueIds: [...queueIds()],
          settings: Object.fromEntries(given),
        })
      ).id
      await api.sessions.act(made, 'start')
      await sessions.load()
      props.onCreated({ id: made, provider: props.provider, verifyToken: field('verifyToken') })
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form class="grid gap-3" data-testid="channel-form" onSubmit={e => void submit(e)}>
      <div class="grid gap-3 sm:grid-cols-2">
        <Field name="name" label={t('name')} required maxlength="80" value={NAMES[props.provider]()} />
        <For each={wanted}>
          {one => (
            <Field
              name={one.name}
              label={one.label}
              hint={one.hint}
              required={!one.optional}
              value={one.value ?? ''}
              autocomplete="off"
              type={one.secret ? 'password' : 'text'}
            />
          )}
        </For>
      </div>
      <Show when={queues.items.length}>
        <div class="grid gap-1">
          <QueuePicker chosen={queueIds()} onChange={setQueueIds} />
          <p class="text-xs text-faint">
            {t(
              `session.queues.${queueIds().length === 0 ? 'none' : queueIds().length === 1 ? 'one' : 'many'}`,
            )}
          </p>
        </div>
      </Show>
      <DialogActions
        error={error()}
        busy={busy()}
        confirm={t('create')}
        cancel={t('back')}
        onCancel={props.onBack}
      />
    </form>
  )
}
