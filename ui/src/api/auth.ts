import { bodyOf, v1 } from './client.ts'
import type { User } from '../../../src/realtime/protocol.ts'

export type Credentials = { email: string; password: string; companyId?: string }
export type CompanyChoice = { companyId: string; name: string | null }
export type SignedIn = { accessToken: string; expiresIn: number; user: User }

export const login = (json: Credentials): Promise<SignedIn> => bodyOf(v1.auth.login.$post({ json }))
export const logout = async (): Promise<void> => void (await v1.auth.logout.$post({ json: {} }))
export const me = (): Promise<User> => bodyOf(v1.me.$get())
