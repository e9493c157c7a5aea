import { expect, test } from 'vitest'
import type { UserPrincipal } from '../events/principal.ts'
import { user } from '../../test/support/given.ts'
import { ROLES } from '../events/company.ts'
import { readingOf } from './messages.ts'

test('what a message costs is for those who pay, check or count', () => {
  const told = ROLES.filter(role => readingOf(user(role) as UserPrincipal).pricing)
  expect(told).toEqual(['super-admin', 'admin', 'auditor', 'analyst'])
})
