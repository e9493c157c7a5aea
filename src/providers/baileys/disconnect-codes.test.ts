import { expect, test } from 'vitest'
import { linkedDevice } from '../../../test/support/baileys.ts'
import { until } from '../../../test/support/until.ts'
import { partingOf } from './disconnect-codes.ts'

test.each([
  [401, 'Stream Errored (conflict)', 'wipe', 'logged-out', 'logged-out'],
  [402, 'Connection Failure', 'tell', 'restricted', 'restricted'],
  [403, 'Stream Errored (unknown)', 'tell', 'restricted', 'restricted'],
  [405, 'Connection Failure', 'tell', 'failed', 'client-outdated'],
  [406, 'Connection Failure', 'tell', 'restricted', 'restricted'],
  [408, 'Connection was lost', 'tell', 'closed', 'connection-lost'],
  [409, 'Connection Failure', 'tell', 'failed', 'client-outdated'],
  [411, 'Multi-device beta not joined', 'tell', 'failed', 'multidevice-mismatch'],
  [428, 'Connection Terminated', 'tell', 'closed', 'connection-closed'],
  [429, 'Stream Errored (unknown)', 'tell', 'closed', 'too-many-requests'],
  [440, 'Stream Errored (conflict)', 'tell', 'replaced', 'replaced'],
  [500, 'Stream Errored (unknown)', 'tell', 'closed', 'bad-session'],
  [503, 'Stream Errored (unknown)', 'tell', 'closed', 'service-unavailable'],
  [799, 'Stream Errored (news)', 'tell', 'closed', 'connection-lost'],
  [undefined, '', 'tell', 'closed', 'connection-lost'],
  [401, 'WebSocket Error (Unexpected server response: 401)', 'tell', 'closed', 'unreachable'],
  [403, 'WebSocket Error (Unexpected server response: 403)', 'tell', 'closed', 'unreachable'],
  [500, 'WebSocket Error (certificate has expired)', 'tell', 'closed', 'unreachable'],
] as const)('%s, “%s”', (code, said, next, state, reason) => {
  expect(partingOf(code, said)).toEqual({ next, state: { state, reason, code: String(code ?? 'unknown') } })
})

test('a restart is nobody’s business', () => {
  expect(partingOf(515, 'Stream Errored (restart required)')).toEqual({ next: 'restart' })
})

test('where nobody listens the connection is only lost', async () => {
  const { whatsapp, device } = await linkedDevice()
  await device.connection.close()
  await whatsapp.close()
  await device.connect()
  await until('closed', () => device.last() === 'closed')
  expect(device.states.at(-1)).toMatchObject({ state: 'closed', reason: 'unreachable' })
  expect(device.drawer.values.has('creds')).toBe(true)
  await device.connection.close()
})
