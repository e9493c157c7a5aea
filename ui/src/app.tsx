import { Navigate, Route, Router } from '@solidjs/router'
import { Match, Switch } from 'solid-js'
import { t } from './i18n/index.ts'
import { Button } from './parts/button.tsx'
import { Coming, Empty } from './parts/states.tsx'
import { Toasts } from './parts/toasts.tsx'
import { Shell } from './screens/shell.tsx'
import { authState, isAdmin, mayReadPeople, maySeeChannels, resumeLogin } from './stores/auth.ts'
import { lazyPart } from './sync/load-part.ts'

const Inbox = lazyPart(() => import('./screens/inbox.tsx'))
/** Whoever logs in sees the inbox next: it comes while they type. */
const Login = lazyPart(async () => {
  const login = await import('./screens/login.tsx')
  void Inbox.preload()
  return login
})
const History = lazyPart(() => import('./screens/history.tsx'))
const Contacts = lazyPart(() => import('./screens/contacts.tsx'))
const Sessions = lazyPart(() => import('./screens/sessions.tsx'))
const Session = lazyPart(() => import('./screens/session.tsx'))
const Users = lazyPart(() => import('./screens/users.tsx'))
const Queues = lazyPart(() => import('./screens/queues.tsx'))
const Company = lazyPart(() => import('./screens/company.tsx'))
const System = lazyPart(() => import('./screens/system.tsx'))
const DeadLetters = lazyPart(() => import('./screens/dead-letters.tsx'))

const only = (may: () => boolean, Screen: () => unknown) => () =>
  may() ? (Screen() as never) : <Navigate href="/inbox" />
const forAdmin = (Screen: () => unknown) => only(isAdmin, Screen)

/** Where everything is. The address stays while somebody logs in, so that a link to a ticket still leads there. */
export function App() {
  return (
    <>
      <Switch>
        <Match when={authState() === 'unknown'}>
          <Coming />
        </Match>
        <Match when={authState() === 'out'}>
          <Login />
        </Match>
        <Match when={authState() === 'unreachable'}>
          <Empty icon="plug" title={t('unreachable.title')} text={t('unreachable.text')}>
            <Button look="primary" icon="refresh" onClick={() => void resumeLogin()}>
              {t('retry')}
            </Button>
          </Empty>
        </Match>
        <Match when={authState() === 'in'}>
          <Router root={Shell}>
            <Route path={['/inbox', '/tickets/:id']} component={Inbox} />
            <Route path="/tickets/:id/history" component={History} />
            <Route
              path={['/contacts', '/contacts/:id']}
              component={only(mayReadPeople, () => (
                <Contacts />
              ))}
            />
            <Route
              path="/sessions"
              component={only(maySeeChannels, () => (
                <Sessions />
              ))}
            />
            <Route
              path="/sessions/:id"
              component={only(maySeeChannels, () => (
                <Session />
              ))}
            />
            <Route
              path="/settings/users"
              component={forAdmin(() => (
                <Users />
              ))}
            />
            <Route
              path="/settings/queues"
              component={forAdmin(() => (
                <Queues />
              ))}
            />
            <Route
              path="/settings/company"
              component={forAdmin(() => (
                <Company />
              ))}
            />
            <Route
              path="/settings/dead-letters"
              component={forAdmin(() => (
                <DeadLetters />
              ))}
            />
            <Route
              path="/settings/system"
              component={forAdmin(() => (
                <System />
              ))}
            />
            <Route path="*" component={() => <Navigate href="/inbox" />} />
          </Router>
        </Match>
      </Switch>
      <Toasts />
    </>
  )
}
