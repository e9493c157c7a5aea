import { afterAll, beforeAll, expect, test } from 'vitest'
import { picture, type Visitor } from '../support/browser.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import type { MatrixColumn } from '../support/world.ts'

/** Lets nobody through until that many have come. */
const together = (count: number): (() => Promise<void>) => {
  let come = 0
  let open = (): void => undefined
  const all = new Promise<void>(resolve => (open = resolve))
  return () => {
    come += 1
    if (come === count) open()
    return all
  }
}

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let agents: { name: string; visitor: Visitor }[]

  beforeAll(async () => {
    desk = await openDesk(column)
    await desk.session()
    agents = await Promise.all(
      ['Bruno Lima', 'Carla Dias'].map(async name => ({
        name,
        visitor: await desk.seat(await desk.person(name)),
      })),
    )
  })
  afterAll(() => desk?.close())

  test('one gets it; the other is told who, and it leaves their list', async () => {
    await desk.write('5511900222333', 'Diego Rocha', 'Quero trocar um produto')
    for (const { visitor } of agents) {
      await visitor.at('tab-waiting').click()
      await visitor.at('ticket-row').click()
      await visitor.at('ticket-accept').waitFor()
    }
    // Both have clicked before either is heard: nobody's button is taken away in time.
    const allAsked = together(agents.length)
    for (const { visitor } of agents)
      await visitor.page.route('**/accept', async route => {
        await allAsked()
        await route.continue()
      })
    await Promise.all(agents.map(({ visitor }) => visitor.at('ticket-accept').click()))

    const composers = agents.map(({ visitor }) => visitor.at('composer-input'))
    await Promise.race(composers.map(composer => composer.waitFor()))
    const [ticket] = await desk.app.api.tickets()
    const winner = agents.find(({ name }) => name === ticket?.user?.name)
    const loser = agents.find(agent => agent !== winner)
    if (!winner || !loser) throw new Error(`nobody has it: ${JSON.stringify(ticket)}`)
    await winner.visitor.at('composer-input').waitFor()

    const { at, page, refusals } = loser.visitor
    await page.getByRole('alert').getByText(winner.name).waitFor()
    await picture(loser.visitor, `two-agents-${column}-loser`)
    await page.getByText('No conversation open').waitFor()
    await page.getByText('Nobody is waiting').waitFor()
    expect(await at('ticket-row').count()).toBe(0)
    expect(await at('composer-input').count()).toBe(0)
    expect(refusals.filter(line => line.startsWith('409'))).toHaveLength(1)
    expect(loser.visitor.loads()).toBe(1)
  })

  test('a ticket that a colleague accepts leaves an open list by itself', async () => {
    const [first, second] = agents
    if (!first || !second) throw new Error('two agents sit here')
    for (const { visitor } of agents) {
      await visitor.page.unroute('**/accept')
      await visitor.at('tab-waiting').click()
    }
    await desk.write('5511900444555', 'Elisa Prado', 'Oi!')
    for (const { visitor } of agents) await visitor.at('ticket-row').getByText('Elisa Prado').waitFor()
    await first.visitor.at('ticket-row').getByText('Elisa Prado').click()
    await first.visitor.at('ticket-accept').click()
    await second.visitor.at('ticket-row').getByText('Elisa Prado').waitFor({ state: 'detached' })
    expect(second.visitor.loads()).toBe(1)
    for (const { visitor } of agents) expect(visitor.problems).toEqual([])
  })
}

await journeysIn('two agents accept at once', ['embedded', 'outside'], journey)
