import { createSignal, For, Match, Show, Suspense, Switch, untrack } from 'solid-js'
import { api, type NewUser, type User } from '../api/index.ts'
import { locale, t } from '../i18n/index.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button } from '../parts/button.tsx'
import { Confirm, DialogActions, Modal } from '../parts/dialog.tsx'
import { Field, SelectField } from '../parts/field.tsx'
import { fieldsOf } from '../parts/form.ts'
import { Icon } from '../parts/icons.tsx'
import { Menu } from '../parts/menu.tsx'
import { Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { attempt } from '../parts/toasts.tsx'
import { me } from '../stores/auth.ts'
import { isOnline } from '../stores/presence.ts'
import { queues, users } from '../stores/directory.ts'
import { QueuePicker } from './sessions/queue-picker.tsx'
import { lazyPart } from '../sync/load-part.ts'

const Past = lazyPart(() => import('./users/past.tsx'))

const ROLES = ['agent', 'supervisor', 'admin', 'auditor', 'analyst', 'super-admin'] as const
const PASSWORD_CHARS_MIN = 10

/** Who works here and what they may do. */
export default function Users() {
  const [editing, setEditing] = createSignal<User | 'new'>()
  const [looking, setLooking] = createSignal<User>()
  const [leaving, setLeaving] = createSignal<User>()
  void users.load()
  queues.ensure()
  const reactivate = (user: User) =>
    attempt(async () => {
      await api.users.reactivate(user.id)
      await users.load()
    })
  const deactivate = async (user: User) => {
    await api.users.deactivate(user.id)
    await users.load()
  }
  return (
    <Page
      title={t('nav.users')}
      text={t('users.text')}
      actions={
        <Button icon="plus" look="primary" data-testid="user-create" onClick={() => setEditing('new')}>
          {t('users.new')}
        </Button>
      }
    >
      <Switch>
        <Match when={users.state() === 'failed'}>
          <Failure error={users.error()} onRetry={() => void users.load()} />
        </Match>
        <Match when={users.state() !== 'ready'}>
          <SkeletonRows count={4} class="h-14" />
        </Match>
        <Match when={true}>
          <ul class="rounded-2xl border border-line bg-surface">
            <For each={users.items}>
              {user => (
                <li
                  data-testid="user-row"
                  class="flex items-center gap-3 border-b border-line px-4 py-2.5 last:border-0"
                >
                  <span class="relative inline-grid">
                    <Avatar id={user.id} name={user.name} />
                    <Show when={isOnline(user.id)}>
                      <span
                        class="absolute right-0 bottom-0 size-2.5 rounded-full bg-good ring-2 ring-surface"
                        title={t('users.online')}
                        data-testid="user-online"
                      >
                        <span class="sr-only">{t('users.online')}</span>
                      </span>
                    </Show>
                  </span>
                  <div class="min-w-0 flex-1">
                    <p class="truncate font-medium">
                      {user.name}{' '}
                      <Show when={user.id === me().id}>
                        <span class="text-faint">({t('users.you')})</span>
                      </Show>
                    </p>
                    <p class="truncate text-[13px] text-faint">
                      <span class="sm:hidden">{t(`role.${user.role}`)} · </span>
                      {[
                        user.email,
                        queues.items
                          .filter(queue => user.queueIds.includes(queue.id))
                          .map(queue => queue.name)
                          .join(', '),
                      ]
                        .filter(Boolean)
                        .join(' · ')}
                    </p>
                  </div>
                  <Show when={!user.active}>
                    <span class="rounded-full bg-hover px-2 text-xs text-soft">{t('users.inactive')}</span>
                  </Show>
                  <span class="text-[13px] text-soft max-sm:hidden">{t(`role.${user.role}`)}</span>
                  <Menu
                    label={t('more')}
                    trigger={<Icon name="more" />}
                    items={[
                      { label: t('edit'), icon: 'edit', run: () => void setEditing(user) },
                      { label: t('users.past'), icon: 'history', run: () => void setLooking(user) },
                      ...(user.id === me().id
                        ? []
                        : user.active
                          ? [
                              {
                                label: t('users.deactivate'),
                                icon: 'block' as const,
                                danger: true,
                                run: () => void setLeaving(user),
                              },
                            ]
                          : [
                              {
                                label: t('users.reactivate'),
                                icon: 'refresh' as const,
                                run: () => void reactivate(user),
                              },
                            ]),
                    ]}
                  />
                </li>
              )}
            </For>
          </ul>
        </Match>
      </Switch>
      <Show when={editing()} keyed>
        {given => <UserDialog user={given === 'new' ? null : given} onClose={() => setEditing(undefined)} />}
      </Show>
      <Show when={looking()} keyed>
        {user => (
          <Suspense>
            <Past user={user} onClose={() => setLooking(undefined)} />
          </Suspense>
        )}
      </Show>
      <Show when={leaving()}>
        {user => (
          <Confirm
            open
            danger
            title={t('users.deactivate.title', { name: user().name })}
            text={t('users.deactivate.text')}
            confirm={t('users.deactivate')}
            onClose={() => setLeaving(undefined)}
            run={() => deactivate(user())}
          />
        )}
      </Show>
    </Page>
  )
}

function UserDialog(props: { user: User | null; onClose: () => void }) {
  const [role, setRole] = createSignal<string>(untrack(() => props.user?.role ?? 'agent'))
  const [queueIds, setQueueIds] = createSignal<readonly string[]>(untrack(() => props.user?.queueIds ?? []))
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const roles = () =>
    ROLES.filter(name => name !== 'super-admin' || me().role === 'super-admin' || props.user?.role === name)
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = fieldsOf(event.currentTarget)
    // Exactly as typed: blanks belong to a password.
    const typed = new FormData(event.currentTarget).get('password')
    const password = typeof typed === 'string' ? typed : ''
    const change = {
      name: field('name'),
      email: field('email'),
      role: role() as NewUser['role'],
      queueIds: [...queueIds()],
    }
    setBusy(true)
    setError(undefined)
    try {
      if (props.user) await api.users.change(props.user.id, { ...change, ...(password ? { password } : {}) })
      else await api.users.create({ ...change, password, locale: locale() })
      await users.load()
      props.onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open onClose={props.onClose} title={props.user ? t('users.edit') : t('users.new')}>
      <form class="grid gap-3" onSubmit={e => void submit(e)}>
        <Field name="name" label={t('name')} required maxlength="120" value={props.user?.name ?? ''} />
        <Field
          name="email"
          label={t('contact.email')}
          type="email"
          required
          value={props.user?.email ?? ''}
        />
        <Field
          name="password"
          label={t('login.password')}
          type="password"
          autocomplete="new-password"
          required={!props.user}
          minlength={PASSWORD_CHARS_MIN}
          hint={
            props.user ? t('users.password.keep') : t('users.password.hint', { count: PASSWORD_CHARS_MIN })
          }
        />
        <SelectField
          label={t('role')}
          value={role()}
          onPick={setRole}
          choices={roles().map(value => ({ value, label: t(`role.${value}`) }))}
        />
        <p class="-mt-2 text-xs text-faint">{t(`role.${role() as User['role']}.text`)}</p>
        <Show when={queues.items.length}>
          <QueuePicker chosen={queueIds()} onChange={setQueueIds} />
        </Show>
        <DialogActions error={error()} busy={busy()} confirm={t('save')} onCancel={props.onClose} />
      </form>
    </Modal>
  )
}
