import { afterAll, beforeAll, expect, test } from 'vitest'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import type { MatrixColumn } from '../support/world.ts'

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk

  beforeAll(async () => {
    desk = await openDesk(column)
    await desk.session()
  })
  afterAll(() => desk?.close())

  test('whoever is writing in a ticket is told who took it', async () => {
    await desk.write('5511900000101', 'Ana Souza', 'Oi!')
    const agent = await desk.seat(await desk.person('Bruno Lima'))
    await agent.at('tab-waiting').click()
    await agent.at('ticket-row').click()
    await agent.at('ticket-accept').click()
    await agent.at('composer-input').waitFor()
    const admin = await desk.seat(desk.admin, { width: 390, height: 844 })
    await admin.at('tab-open').click()
    await admin.at('ticket-row').click()
    await admin.at('ticket-takeover').first().click()
    await agent.page.getByText('Admin took over ticket #1 (Ana Souza).').waitFor()
    await agent.page.getByText('No conversation open').waitFor()
    await admin.at('ticket-close').waitFor()
    for (const { problems } of [agent, admin]) expect(problems).toEqual([])
  })
}

await journeysIn('a supervisor takes over', ['embedded'], journey)
