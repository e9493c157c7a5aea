import { afterAll, beforeAll, expect, test } from 'vitest'
import { inPage, picture, signIn, visit, type Visitor } from '../support/browser.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

/** Every state that the own message went through, in the order in which the screen showed them. */
const RECORD_ACKS = `
  window.acks = []
  new MutationObserver(() => {
    const ack = document.querySelector('[data-testid="message"][data-from-me="true"]')?.dataset.ack
    if (ack && window.acks.at(-1) !== ack) window.acks.push(ack)
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-ack'] })
`

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let agent: Visitor
  const show = (step: string) => picture(agent, `journey-${column}-${step}`)

  beforeAll(async () => {
    desk = await openDesk(column)
    agent = await visit(desk.browser, { url: desk.app.url })
  })
  afterAll(() => desk?.close())

  test('a channel is made with one click, and its customer can write', async () => {
    const { at, page } = agent
    await show('1-login')
    await signIn(agent, desk.admin)
    await at('first-run').waitFor()
    await show('2-first-run')
    await at('nav-sessions').click()
    await at('session-create-simulator').click()
    await at('session-card', '[data-status="connected"]').waitFor()
    await at('phone-input').waitFor()
    await show('3-channel')
    await at('nav-inbox').click()
    await at('tab-waiting').click()
    expect(await at('ticket-row').count()).toBe(0)

    await at('phone-name').fill('Ana Souza')
    await at('phone-from').fill('5511900123456')
    await at('phone-input').fill('Olá! Meu pedido ainda não chegou.')
    await at('phone-send').click()
    await at('ticket-row').getByText('Ana Souza').waitFor()
    await at('count-waiting').getByText('1', { exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/inbox')
    await show('4-waiting')
  })

  test('it is accepted and answered, and the answer goes from sent to read', async () => {
    const { at, page } = agent
    await at('ticket-row').click()
    await at('message', '[data-from-me="false"]').getByText('Meu pedido ainda não chegou').waitFor()
    await at('ticket-accept').click()
    await at('ticket-status', '[data-status="open"]').first().waitFor()
    // With the phone off, the answer stays sent.
    await page.getByRole('button', { name: 'Close the phone' }).click()
    const [channel] = await desk.app.api
      .get<{ items: { id: string }[] }>('/sessions')
      .then(found => found.items)
    await desk.app.world.phone.misbehave(channel?.id ?? '', { autoDeliver: false })
    await inPage(agent, RECORD_ACKS)
    await at('composer-input').fill('Bom dia, Ana! Vou verificar agora mesmo.')
    await at('composer-send').click()
    const answer = (ack: string) => at('message', `[data-from-me="true"][data-ack="${ack}"]`)
    await answer('sent').waitFor()
    await at('open-phone').click()
    await answer('delivered').waitFor()
    await at('phone-message', '[data-mine="false"]').getByText('Vou verificar').waitFor()
    await show('5-delivered')
    await at('phone-mark-read').click()
    await answer('read').waitFor()
    await show('6-read')
    const acks = await inPage<string[]>(agent, 'window.acks')
    expect(acks.filter(ack => ['sent', 'delivered', 'read'].includes(ack))).toEqual([
      'sent',
      'delivered',
      'read',
    ])
    expect(await at('message').count()).toBe(2)
  })

  test('a picture is attached, and reaches the phone with its caption', async () => {
    const { at } = agent
    await at('attach-input').setInputFiles({ name: 'etiqueta.png', mimeType: 'image/png', buffer: PIXEL })
    await at('attachment', '[data-state="ready"]').waitFor()
    await at('composer-input').fill('A etiqueta do envio')
    await show('6-attached')
    await at('composer-send').click()
    const mine = at('message', '[data-from-me="true"]').filter({ hasText: 'A etiqueta do envio' })
    await mine.getByTestId('picture').getByRole('img').waitFor()
    await at('attachment').waitFor({ state: 'detached' })
    const [channel] = (await desk.app.api.get<{ items: { id: string }[] }>('/sessions')).items
    await until('the picture on the phone', async () => {
      const got = await desk.app.api.get<{ items: { kind: string; body: string }[] }>(
        `/simulator/${channel?.id}/outbound`,
      )
      return got.items.some(({ kind, body }) => kind === 'image' && body === 'A etiqueta do envio')
    })
    await show('6-picture')
  })

  test('once closed, its whole life can be walked through', async () => {
    const { at, page } = agent
    await at('ticket-close').click()
    await at('ticket-status', '[data-status="closed"]').first().waitFor()
    await page.getByRole('button', { name: 'Close the phone' }).click()
    await at('ticket-history').click()
    const then = at('history').locator('header [data-testid="ticket-status"]')
    const was = async (status: string, messages: number): Promise<void> => {
      await until(`the ${status} ticket with ${messages} messages`, async () => {
        return (
          (await then.getAttribute('data-status')) === status &&
          (await at('history-message').count()) === messages
        )
      })
    }
    await was('closed', 3)
    await show('7-history-now')
    const slider = at('history-slider')
    const facts = await desk.app.api.tickets().then(([ticket]) => desk.app.api.history(ticket?.id ?? ''))
    const travel = async (type: string): Promise<void> => {
      const revision = String(facts.find(fact => fact.type === type)?.revision)
      await slider.fill(revision)
      await at('history-entry', `[data-revision="${revision}"][aria-current="true"]`).waitFor()
    }
    await travel('message.delivered')
    await was('open', 2)
    await at('history-message', '[data-from-me="true"][data-ack="delivered"]').waitFor()
    await travel('ticket.accepted')
    await was('open', 1)
    await travel('message.received')
    await was('pending', 1)
    await show('8-history-then')
    await travel('ticket.opened')
    await was('pending', 0)
  })

  test('its words lead back to it', async () => {
    const { at, page } = agent
    await at('nav-inbox').click()
    await at('inbox-search').fill('verific')
    await at('found-message').locator('mark').getByText('verificar', { exact: true }).waitFor()
    await show('9-found')
    await at('found-message').focus()
    await page.keyboard.press('Enter')
    await at('message', '[data-found]').getByText('Vou verificar agora').waitFor()
    expect(await at('message').count()).toBe(3)
    await at('inbox-search').fill('jacarandá')
    await at('found-messages').getByRole('status').waitFor()
    await at('inbox-search').fill('')
    await at('found-messages').waitFor({ state: 'detached' })
  })

  test('nothing was reloaded, and the browser had nothing to complain about', () => {
    expect(agent.loads()).toBe(1)
    expect(agent.problems).toEqual([])
    // Whoever was never here is told so once.
    expect(agent.refusals.filter(line => line !== '401 POST /api/v1/auth/refresh')).toEqual([])
  })
}

await journeysIn('a customer writes', ['embedded', 'outside'], journey)
