import { afterAll, beforeAll, expect, test } from 'vitest'
import { inPage, layoutShift, type Visitor } from '../support/browser.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

/** A fifth of what is called good: a list that moves under the hand is a wrong ticket opened. */
const SHIFT_MAX = 0.02

/** The rows of the list in the order in which they are seen: the list places them by itself. */
const IDS_FROM_THE_TOP = `
  [...document.querySelectorAll('[data-testid="ticket-row"]')]
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map(row => row.dataset.ticketId)
`

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let agent: Visitor
  const chosen = () => agent.at('ticket-row', '[aria-current]')
  const row = (name: string) => agent.at('ticket-row').getByText(name, { exact: true })

  beforeAll(async () => {
    desk = await openDesk(column)
    await desk.session()
    for (const [index, name] of ['Ana', 'Bruno', 'Carla', 'Diego'].entries())
      await desk.write(`551190077700${index}`, name, `Olá, aqui é ${name}`)
    await desk.app.api.tickets()
    agent = await desk.seat(desk.admin)
    await agent.at('tab-waiting').click()
    await row('Ana').waitFor()
  })
  afterAll(() => desk?.close())

  test('the list, the conversation and what comes in move nothing', async () => {
    const { page, at } = agent
    await page.reload()
    await row('Ana').waitFor()
    expect(await layoutShift(agent), 'loading the list').toBeLessThanOrEqual(SHIFT_MAX)
    await row('Ana').click()
    await at('message').getByText('Olá, aqui é Ana').waitFor()
    await desk.write('5511900777000', 'Ana', 'Ainda está aí?')
    await at('message').getByText('Ainda está aí?').waitFor()
    await desk.write('5511900777009', 'Elisa', 'Uma nova conversa')
    await row('Elisa').waitFor()
    expect(await layoutShift(agent), 'messages coming in').toBeLessThanOrEqual(SHIFT_MAX)
  })

  test('a ticket is found, accepted and answered without a mouse', async () => {
    const { page, at } = agent
    const press = (key: string) => page.keyboard.press(key)
    await press('Escape')
    await until('no ticket chosen', async () => (await chosen().count()) === 0)
    await inPage(agent, 'document.activeElement?.blur()')
    const ids = await inPage<string[]>(agent, IDS_FROM_THE_TOP)
    const isChosen = (index: number) =>
      until(`row ${index} to be chosen`, async () => {
        return (
          (await chosen().count()) === 1 && (await chosen().getAttribute('data-ticket-id')) === ids[index]
        )
      })
    await press('j')
    await isChosen(0)
    await press('j')
    await isChosen(1)
    await press('j')
    await isChosen(2)
    await press('k')
    await isChosen(1)
    await at('ticket-accept').waitFor()
    await press('a')
    await at('ticket-status', '[data-status="open"]').first().waitFor()
    await at('composer-input').waitFor()
    await press('r')
    await until('the composer to have the keys', () =>
      inPage<boolean>(agent, `document.activeElement?.dataset.testid === 'composer-input'`),
    )
    await page.keyboard.type('Sem mouse nenhum')
    await press('Enter')
    await at('message', '[data-from-me="true"][data-ack="delivered"]').getByText('Sem mouse nenhum').waitFor()
    expect(await at('composer-input').inputValue()).toBe('')
    expect(agent.problems).toEqual([])
  })
}

await journeysIn('nothing jumps', ['embedded'], journey)
