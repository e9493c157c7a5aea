import { createSignal } from 'solid-js'
import * as authApi from '../api/auth.ts'
import { refresh, setAccessToken, whenSignedOut } from '../api/http.ts'
import { readStored, writeStored } from './stored.ts'
import type { User } from '../../../src/realtime/protocol.ts'

export type AuthState = 'unknown' | 'in' | 'out' | 'unreachable'
const [user, setUser] = createSignal<User | null>(null)
const [authState, setAuthState] = createSignal<AuthState>('unknown')
export { authState, user }

/** Set once signed in: the screens behind the login are only shown then. */
export const me = (): User => {
  const present = user()
  if (!present) throw new Error('asked for the user before login')
  return present
}

/** The cookie that renews a login is out of every script's reach: this remembers that there may be one. */
const HINT = 'loggedIn'

const enter = (present: User): void => {
  writeStored(HINT, true)
  setUser(present)
  setAuthState('in')
}
const leave = (): void => {
  writeStored(HINT, null)
  setAccessToken(null)
  // The screens that show the user go first.
  setAuthState('out')
  setUser(null)
}
whenSignedOut(leave)

/** Comes back with the cookie of an earlier visit. */
export const resumeLogin = async (): Promise<void> => {
  // Nobody was here: the server need not be asked, and the console stays quiet.
  if (!readStored(HINT, false)) return void setAuthState('out')
  setAuthState('unknown')
  try {
    const token = await refresh()
    if (token === null) return leave()
    enter(await authApi.me())
  } catch {
    setAuthState('unreachable')
  }
}

export const signIn = async (credentials: authApi.Credentials): Promise<void> => {
  const answer = await authApi.login(credentials)
  setAccessToken(answer.accessToken)
  enter(answer.user)
}

export const signOut = async (): Promise<void> => {
  await authApi.logout().catch(() => undefined)
  leave()
}

/** Looks after the machine, which is all companies'. */
export const isSuperAdmin = () => user()?.role === 'super-admin'
export const isAdmin = () => user()?.role === 'admin' || isSuperAdmin()
export const isSupervisor = () => isAdmin() || user()?.role === 'supervisor'
/** May see how the channels are doing: who answers for them, for the people on them, or for the past. */
/** Analysts read neither who wrote nor what. */
export const mayReadPeople = () => user()?.role !== 'analyst'
export const maySeeChannels = () => isSupervisor() || user()?.role === 'auditor'
/** May answer customers at all. */
export const mayAct = () => isSupervisor() || user()?.role === 'agent'
