import type { User } from '../../../src/realtime/protocol.ts'
import { call } from './http.ts'

export type Credentials = { email: string; password: string; companyId?: string }
export type CompanyChoice = { companyId: string; name: string | null }
export type SignedIn = { accessToken: string; expiresIn: number; user: User }

export const login = (credentials: Credentials): Promise<SignedIn> =>
  call<SignedIn>('POST', '/auth/login', { body: credentials })
export const logout = (): Promise<unknown> => call<unknown>('POST', '/auth/logout')
export const me = (): Promise<User> => call<User>('GET', '/me')
