import { describe, expect, test } from 'vitest'
import { sessionKind, type SessionState } from '../../actors/session/chart.ts'
import { after, given, NOW, server, type Told } from '../../../test/support/given.ts'
import { linkFacts, type LinkChange } from './link-facts.ts'

const created: Told = {
  type: 'session.created',
  data: {
    name: 'Desk',
    provider: 'simulator',
    queueIds: [],
    settings: { reopenPolicy: 'reopen', reopenMinutes: 120 },
    isDefault: true,
  },
}
const requested: Told = { type: 'session.startRequested', data: {} }
const owned: Told = { type: 'session.owned', data: { node: 'node-1' } }
const connected: Told = { type: 'session.connected', data: { account: null } }
const lost = (at: string): Told => ({ type: 'session.disconnected', data: { reason: 'cut', code: null }, at })
const link = (session: SessionState, to: LinkChange, _: unknown, at: string) => linkFacts(session, to, at)
const base = [created, requested, owned]
const up = { state: 'connected', account: '5511' } as const
const down = { state: 'disconnected', reason: 'cut', code: '428' } as const

describe('what happens to the link of a session', () => {
  test('is recorded once', () => {
    given(sessionKind, ...base)
      .when(link, up, server)
      .recorded([{ type: 'session.connected', data: { account: '5511' } }])
    given(sessionKind, ...base, connected)
      .when(link, up, server)
      .nothing()
    given(sessionKind, ...base, connected, lost(NOW))
      .when(link, down, server)
      .nothing()
  })
  test('back again, the gap is recorded from its beginning', () => {
    const from = '2026-03-02T11:30:00.000Z'
    given(sessionKind, ...base, connected, lost(from), owned, lost('2026-03-02T11:40:00.000Z'))
      .when(link, up, server)
      .recorded([{ type: 'session.connected' }, { type: 'session.gapRecorded', data: { from, to: NOW } }])
  })
  test('an end is an end: nobody wants it until a person starts it again', () => {
    for (const state of ['stopped', 'logged-out', 'replaced', 'restricted', 'failed'] as const) {
      const facts = given(sessionKind, ...base, connected)
        .when(link, { state, reason: 'as the channel says' }, server)
        .recorded([{ type: `session.${state === 'logged-out' ? 'loggedOut' : state}` }])
      const ended = after(sessionKind, ...base, connected, ...(facts as readonly Told[]))
      expect(ended.context).toMatchObject({ wanted: false, node: null, offlineSince: null })
      expect(
        after(sessionKind, ...base, connected, ...(facts as readonly Told[]), requested).context.wanted,
      ).toBe(true)
    }
  })
  test('the fence is the revision of the latest owner', () => {
    expect(after(sessionKind, ...base).context.fence).toBe(2)
    expect(after(sessionKind, ...base, connected, owned).context.fence).toBe(4)
  })
})
