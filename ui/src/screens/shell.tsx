import { A, useIsRouting, useLocation, type RouteSectionProps } from '@solidjs/router'
import { createEffect, For, onCleanup, Show, Suspense } from 'solid-js'
import { t } from '../i18n/index.ts'
import { Avatar } from '../parts/avatar.tsx'
import { ConnectionBar, ConnectionMark } from '../parts/connection-mark.tsx'
import { Icon, type IconName } from '../parts/icons.tsx'
import { Coming } from '../parts/states.tsx'
import { Menu, type MenuItem } from '../parts/menu.tsx'
import { localeItems, themeItems } from '../parts/preferences.tsx'
import { isAdmin, mayReadPeople, maySeeChannels, me, signOut } from '../stores/auth.ts'
import { queues, sessions, users } from '../stores/directory.ts'
import { phoneSession } from '../stores/phone.ts'
import { counts } from '../stores/tickets.ts'
import { startSync } from '../sync/start.ts'
import { lazyPart } from '../sync/load-part.ts'

const Phone = lazyPart(() => import('./phone.tsx'))

type Door = {
  href: string
  also?: string
  icon: IconName
  label: () => string
  testid: string
  /** Who finds it here. Default: everybody. */
  may?: () => boolean
}
const doors: readonly Door[] = [
  { href: '/inbox', also: '/tickets', icon: 'inbox', label: () => t('nav.inbox'), testid: 'nav-inbox' },
  {
    href: '/contacts',
    icon: 'contacts',
    label: () => t('nav.contacts'),
    testid: 'nav-contacts',
    may: mayReadPeople,
  },
  {
    href: '/sessions',
    icon: 'plug',
    label: () => t('nav.sessions'),
    testid: 'nav-sessions',
    may: maySeeChannels,
  },
  { href: '/settings/users', icon: 'users', label: () => t('nav.users'), testid: 'nav-users', may: isAdmin },
  {
    href: '/settings/queues',
    icon: 'queue',
    label: () => t('nav.queues'),
    testid: 'nav-queues',
    may: isAdmin,
  },
  {
    href: '/settings/company',
    icon: 'settings',
    label: () => t('nav.company'),
    testid: 'nav-company',
    may: isAdmin,
  },
  {
    href: '/settings/dead-letters',
    icon: 'alert',
    label: () => t('nav.deadLetters'),
    testid: 'nav-dead-letters',
    may: isAdmin,
  },
  {
    href: '/settings/system',
    icon: 'pulse',
    label: () => t('nav.system'),
    testid: 'nav-system',
    may: isAdmin,
  },
]

const isAt = (door: Door, pathname: string): boolean =>
  [door.href, door.also].some(path => path && pathname.startsWith(path))

/** The frame around every screen: the rail (a bar on the phone), the line to the server, the virtual phone. */
export function Shell(props: RouteSectionProps) {
  onCleanup(startSync())
  queues.ensure()
  sessions.ensure()
  if (isAdmin()) users.ensure()
  const here = useLocation()
  const isRouting = useIsRouting()
  createEffect(() => {
    const unread = counts()?.mineUnread ?? 0
    const door = doors.find(one => isAt(one, here.pathname))
    document.title = [unread > 0 && `(${unread})`, door && `${door.label()} ·`, 'Fio']
      .filter(Boolean)
      .join(' ')
  })
  onCleanup(() => (document.title = 'Fio'))
  return (
    <div class="flex h-full flex-col-reverse md:flex-row">
      <ConnectionBar />
      {/* A screen whose code is still on its way: the old one stays until it is here. */}
      <Show when={isRouting()}>
        <div aria-hidden="true" class="late fixed inset-x-0 top-0 z-30">
          <div class="h-0.5 animate-pulse bg-accent" />
        </div>
      </Show>
      <Rail />
      <div class="flex min-h-0 min-w-0 flex-1">
        <Suspense fallback={<Coming />}>{props.children}</Suspense>
        <Show when={phoneSession()}>
          {id => (
            <Suspense>
              <Phone sessionId={id()} />
            </Suspense>
          )}
        </Show>
      </div>
    </div>
  )
}

const userItems = (): MenuItem[] => [
  ...themeItems(),
  'line',
  ...localeItems(),
  'line',
  { label: t('logout'), icon: 'logout', testid: 'logout', run: () => void signOut() },
]

function Rail() {
  const here = useLocation()
  const open = (door: Door) => isAt(door, here.pathname)
  return (
    <nav
      aria-label={t('nav.label')}
      class="flex shrink-0 items-center justify-around gap-1 border-line bg-surface px-1 max-md:border-t max-md:pb-[env(safe-area-inset-bottom)] md:w-14 md:flex-col md:justify-start md:border-r md:py-2"
    >
      <img src="/favicon.svg" alt="Fio" width="30" height="30" class="mb-2 rounded-lg max-md:hidden" />
      <For each={doors.filter(door => door.may?.() ?? true)}>
        {door => (
          <A
            href={door.href}
            aria-label={door.label()}
            title={door.label()}
            aria-current={open(door) ? 'page' : undefined}
            data-testid={door.testid}
            class="relative grid size-11 place-items-center rounded-xl transition-colors hover:bg-hover"
            classList={{ 'bg-active text-accent-ink': open(door), 'text-soft': !open(door) }}
          >
            <Icon name={door.icon} size={21} />
            <Show when={door.icon === 'inbox' && (counts()?.mineUnread ?? 0) > 0}>
              <span class="absolute top-0.5 right-0.5 grid h-4 min-w-4 place-items-center rounded-full bg-badge px-1 text-[10px] font-semibold text-on-accent">
                {counts()?.mineUnread}
              </span>
            </Show>
          </A>
        )}
      </For>
      <div class="md:mt-auto md:grid md:justify-items-center md:gap-2">
        <ConnectionMark />
      </div>
      <Menu
        label={t('nav.you', { name: me().name })}
        items={userItems()}
        testid="user-menu"
        trigger={<Avatar id={me().id} name={me().name} />}
        triggerClass="grid size-11 place-items-center rounded-xl hover:bg-hover"
      />
    </nav>
  )
}
