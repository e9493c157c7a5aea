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

  test('older messages come in above what is read, wherever the reader went meanwhile', async () => {
    const { page, at } = agent
    for (let index = 0; index < 60; index++) await desk.write('5511900777002', 'Carla', `Linha ${index}`)
    let answer = () => {}
    const held = new Promise<void>(resolve => (answer = resolve))
    await page.route(/messages\?.*before=/, async route => {
      await held
      await route.continue()
    })
    await row('Carla').click()
    await at('message').getByText('Linha 59', { exact: true }).waitFor()
    const scrollTo = (top: number) =>
      inPage(agent, `document.querySelector('[role="log"]').scrollTop = ${top}`)
    /** Where a message stands in the window, in pixels. */
    const place = async (text: string) =>
      (await at('message').getByText(text, { exact: true }).boundingBox())?.y ?? Number.NaN
    await scrollTo(200)
    const before = await place('Linha 15')
    await at('loading-older').waitFor()
    expect(await place('Linha 15'), 'while they are loaded').toBe(before)
    await scrollTo(120)
    expect(await place('Linha 15'), 'the reader goes on').toBe(before + 80)
    answer()
    await at('message').getByText('Linha 1', { exact: true }).waitFor()
    await at('loading-older').waitFor({ state: 'detached' })
    expect(Math.abs((await place('Linha 15')) - before - 80), 'once they are there').toBeLessThan(1)
    await page.unroute(/messages\?.*before=/)
  })

  test('the search leads down to what it found, and who accepts may write', async () => {
    const { page, at } = agent
    await page.keyboard.press('/')
    await page.keyboard.type('Diego')
    await row('Ana').waitFor({ state: 'detached' })
    await row('Diego').waitFor()
    await page.keyboard.press('ArrowDown')
    await at('ticket-accept').focus()
    await page.keyboard.press('Enter')
    await at('composer-input').waitFor()
    await until('the composer to have the keys', () =>
      inPage<boolean>(agent, `document.activeElement?.dataset.testid === 'composer-input'`),
    )
    await page.keyboard.press('Escape')
    await at('inbox-search').fill('')
    await at('tab-waiting').click()
    await row('Ana').waitFor()
  })

  test('a dialog over a dialog is told of, has the keys, and is left by Escape', async () => {
    const { page, at } = agent
    // As a screen reader finds them: what lies behind is not there.
    const heading = (name: RegExp) => page.getByRole('dialog').getByRole('heading', { name, level: 2 })
    await at('nav-contacts').click()
    await at('contact-row').first().click()
    await heading(/^Ana$/).waitFor()
    await at('contact-same').click()
    await heading(/same person/).waitFor()
    await heading(/^Ana$/).waitFor({ state: 'detached' })
    await until('the upper dialog to have the keys', () =>
      inPage<boolean>(agent, `document.activeElement?.dataset.testid === 'same-search'`),
    )
    await page.keyboard.press('Escape')
    await heading(/^Ana$/).waitFor()
    await heading(/same person/).waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await heading(/^Ana$/).waitFor({ state: 'detached' })
    await at('nav-inbox').click()
    await at('tab-waiting').click()
    await row('Ana').waitFor()
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
