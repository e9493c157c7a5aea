import { afterAll, beforeAll, expect, test } from 'vitest'
import { picture, type Visitor } from '../support/browser.ts'
import { startCuttableLine, type CuttableLine } from '../support/cuttable-line.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import type { MatrixColumn } from '../support/world.ts'

const FROM = '5511900666777'
const NAME = 'Fábio Nunes'

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let line: CuttableLine
  let agent: Visitor
  const saying = (text: string) => agent.at('message').getByText(text, { exact: true })
  const mark = (state: string) => agent.at('connection', `[data-state="${state}"]`)

  beforeAll(async () => {
    line = await startCuttableLine()
    desk = await openDesk(column)
    line.to(Number(new URL(desk.app.url).port))
    await desk.session()
    agent = await desk.seat(desk.admin, { url: line.url })
    await desk.write(FROM, NAME, 'before the cut')
    await agent.at('tab-waiting').click()
    await agent.at('ticket-row').click()
    await agent.at('ticket-accept').click()
    await agent.at('composer-input').waitFor()
    await saying('before the cut').waitFor()
  })
  afterAll(async () => {
    await desk?.close()
    await line?.close()
  })

  test('what came while the line was cut is there afterwards, once', async () => {
    line.cut()
    await mark('reconnecting').waitFor()
    await agent.at('connection-bar').waitFor()
    await picture(agent, `connection-cut-${column}`)
    await desk.write(FROM, NAME, 'during the cut')
    expect(await saying('during the cut').count()).toBe(0)
    line.restore()
    await mark('live').waitFor()
    await agent.at('connection-bar').waitFor({ state: 'detached' })
    await saying('during the cut').waitFor()
    await desk.write(FROM, NAME, 'after the cut')
    await saying('after the cut').waitFor()
    for (const text of ['before the cut', 'during the cut', 'after the cut'])
      expect(await saying(text).count(), text).toBe(1)
  })

  test('an answer written while the line is cut is kept, and sent once when asked again', async () => {
    line.cut()
    await mark('reconnecting').waitFor()
    await agent.at('composer-input').fill('written in the dark')
    await agent.at('composer-input').press('Enter')
    const retry = agent.at('draft').getByRole('button', { name: 'Send again' })
    await retry.waitFor()
    line.restore()
    await mark('live').waitFor()
    await retry.click()
    await agent.at('message', '[data-from-me="true"]').getByText('written in the dark').waitFor()
    await retry.waitFor({ state: 'detached' })
    expect(await agent.page.getByRole('log').getByText('written in the dark').count()).toBe(1)
  })

  test('a screen that is opened while the line is cut comes with the line, and what was begun is kept', async () => {
    const { at, loads } = agent
    await at('composer-input').fill('half a sentence')
    line.cut()
    await mark('reconnecting').waitFor()
    const tried = agent.page.waitForEvent('requestfailed', request => /assets\/contacts/.test(request.url()))
    await at('nav-contacts').click()
    await tried
    line.restore()
    await at('contact-search').waitFor()
    await mark('live').waitFor()
    await at('nav-inbox').click()
    await at('ticket-row').click()
    await saying('before the cut').waitFor()
    expect(await at('composer-input').inputValue()).toBe('half a sentence')
    expect(loads()).toBe(1)
    await at('composer-input').fill('')
  })

  test('a server that is killed and started again is found again', async () => {
    await desk.app.kill('SIGKILL')
    await mark('reconnecting').waitFor()
    await desk.app.start()
    line.to(Number(new URL(desk.app.url).port))
    await mark('live').waitFor()
    await desk.write(FROM, NAME, 'after the restart')
    await saying('after the restart').waitFor()
    for (const text of ['before the cut', 'during the cut', 'after the restart'])
      expect(await saying(text).count(), text).toBe(1)
    expect(agent.loads()).toBe(1)
    expect(agent.problems).toEqual([])
  })
}

await journeysIn('the connection is cut', ['embedded', 'outside'], journey)
