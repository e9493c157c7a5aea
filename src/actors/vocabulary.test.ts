import { describe, expect, test } from 'vitest'
import { auditEvents } from '../events/audit.ts'
import { companyEvents, deadLetterEvents, queueEvents, userEvents } from '../events/company.ts'
import { aliasEvents, contactEvents } from '../events/contact.ts'
import { conversationEvents } from '../events/conversation.ts'
import { sessionEvents } from '../events/session.ts'
import { ticketEvents } from '../events/ticket.ts'
import { STREAM_TYPES } from '../eventstore/streams.ts'
import { auditKind } from './audit/chart.ts'
import { companyKind, deadLetterKind, queueKind, userKind } from './company/chart.ts'
import { aliasKind, contactKind } from './contact/chart.ts'
import { conversationKind } from './conversation/chart.ts'
import type { Kind } from './kind.ts'
import { sessionKind } from './session/chart.ts'
import { ticketKind } from './ticket/chart.ts'

const vocabularies: readonly (readonly [Kind, object])[] = [
  [ticketKind, ticketEvents],
  [conversationKind, conversationEvents],
  [contactKind, contactEvents],
  [aliasKind, aliasEvents],
  [sessionKind, sessionEvents],
  [companyKind, companyEvents],
  [userKind, userEvents],
  [queueKind, queueEvents],
  [deadLetterKind, deadLetterEvents],
  [auditKind, auditEvents],
]

type Step = { readonly target?: unknown; readonly actions: readonly unknown[]; readonly eventType: string }
type Node = { readonly states: Record<string, Node>; readonly transitions: Map<string, readonly Step[]> }
const stepsOf = (node: Node): Step[] => [
  ...[...node.transitions.values()].flat(),
  ...Object.values(node.states).flatMap(stepsOf),
]

test('every type of stream has its chart', () => {
  expect(new Set(vocabularies.map(([kind]) => kind.type))).toEqual(new Set(STREAM_TYPES))
})

describe.each(vocabularies.map(([kind, events]) => ({ kind, events, name: kind.type })))(
  'the chart of $name',
  ({ kind, events }) => {
    test('knows exactly its vocabulary', () => {
      expect(new Set(kind.chart.events)).toEqual(new Set(Object.keys(events)))
    })

    test('names an action for every fact, so that a fact that changes nothing is legal too', () => {
      const steps = stepsOf(kind.chart.root as unknown as Node)
      expect(steps.length).toBeGreaterThan(0)
      for (const { eventType, actions } of steps) {
        expect(actions, eventType).toHaveLength(1)
        expect(typeof actions[0], eventType).toBe('string')
      }
    })

    test('has no effects: nothing is invoked, awaited or raised when it is replayed', () => {
      const text = JSON.stringify(kind.chart.config)
      expect(text).not.toMatch(/"(invoke|after|entry|exit|always)"/)
    })
  },
)
