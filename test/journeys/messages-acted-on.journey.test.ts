import { afterAll, beforeAll, expect, test } from 'vitest'
import { inPage, overflow, picture, type Visitor } from '../support/browser.ts'
import { SIMULATED_MEDIA_BYTES_MAX } from '../../src/providers/simulator/frames.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

const ANA = '5511900880001'
const BRUNO = '5511900880002'
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let agent: Visitor
  let session: string
  let ana: string
  let bruno: string
  const press = (key: string) => agent.page.keyboard.press(key)
  const focused = (testid: string) =>
    until(`${testid} to have the keys`, () =>
      inPage<boolean>(agent, `document.activeElement?.dataset.testid === '${testid}'`),
    )
  const bubble = (words: string) => agent.at('message').filter({ hasText: words })
  const openMenu = async (words: string): Promise<void> => {
    await bubble(words).hover()
    await bubble(words).getByTestId('message-menu').click()
    await agent.at('message-actions').waitFor()
  }
  const outbound = async () => (await desk.app.world.phone.outbound(session)).items
  const answered = async (from: string, name: string): Promise<string> => {
    await desk.write(from, name, `Olá, aqui é ${name}`)
    const found = await until(
      `${name}'s ticket`,
      async () => (await desk.app.api.ticketsOf(session, name))[0],
    )
    await desk.app.api.post(`/tickets/${found.id}/accept`)
    return found.id
  }

  beforeAll(async () => {
    desk = await openDesk(column)
    session = await desk.session()
    ana = await answered(ANA, 'Ana')
    bruno = await answered(BRUNO, 'Bruno')
    agent = await desk.seat(desk.admin)
    await agent.page.goto(`/tickets/${ana}`)
    await bubble('aqui é Ana').waitFor()
    await agent.at('connection', '[data-state="live"]').waitFor()
  })
  afterAll(() => desk?.close())

  test('a customer who writes is seen to write, until the words are there', async () => {
    const { at } = agent
    await desk.app.world.phone.presence(session, ANA, 'typing')
    await at('customer-typing').waitFor()
    await at('tab-mine').click()
    await at('row-typing').waitFor()
    await desk.write(ANA, 'Ana', 'Vocês abrem amanhã?')
    await bubble('abrem amanhã').waitFor()
    await at('customer-typing').waitFor({ state: 'detached' })
  })

  test('a message is reacted to without a mouse, and the keys come back to it', async () => {
    const { at } = agent
    await inPage(agent, 'document.activeElement?.blur()')
    await press('m')
    await focused('message-menu')
    await press('Enter')
    await at('message-actions').waitFor()
    await focused('react')
    await press('ArrowRight')
    await press('Enter')
    await at('message-actions').waitFor({ state: 'detached' })
    await focused('message-menu')
    const chip = bubble('abrem amanhã').locator(
      '[data-testid="reactions"] [data-emoji="❤️"]:not([data-pending])',
    )
    await chip.waitFor()
    expect((await outbound()).some(one => one.kind === 'reaction')).toBe(true)
    // Picked again it is taken back.
    await press('Enter')
    await at('react', '[aria-checked="true"]').waitFor()
    await press('Escape')
    await focused('message-menu')
    await openMenu('abrem amanhã')
    await at('react', '[data-emoji="❤️"]').click()
    await chip.waitFor({ state: 'detached' })
  })

  test('an answer is quoted, and changed after it was sent', async () => {
    const { at } = agent
    await openMenu('abrem amanhã')
    await at('message-reply').click()
    await focused('composer-input')
    await agent.page.keyboard.type('Sim, às dez.')
    await press('Enter')
    const mine = at('message', '[data-from-me="true"][data-ack="delivered"]')
    await mine.filter({ hasText: 'Sim, às dez.' }).waitFor()
    await at('composer-input').fill('Um rascunho')
    await openMenu('Sim, às dez.')
    await at('message-edit').click()
    await focused('edit-input')
    expect(await at('edit-input').inputValue()).toBe('Sim, às dez.')
    await press('Escape')
    await focused('message-menu')
    // What was begun is still there.
    expect(await at('composer-input').inputValue()).toBe('Um rascunho')
    await press('Enter')
    await at('message-edit').click()
    await at('edit-input').fill('Sim, às nove.')
    await press('Enter')
    await bubble('Sim, às nove.').getByTestId('edited').waitFor()
    await focused('message-menu')
    await until('the change on the phone', async () =>
      (await outbound()).some(one => one.kind === 'edit' && one.body === 'Sim, às nove.'),
    )
    await at('composer-input').fill('')
  })

  test('its details say when it was written, sent, delivered and changed', async () => {
    const { at } = agent
    await openMenu('Sim, às nove.')
    await at('message-details').click()
    const lines = at('message-detail')
    for (const line of ['Written', 'Sent', 'Delivered', 'Changed'])
      await lines.filter({ hasText: line }).first().waitFor()
    await press('Escape')
    await focused('message-menu')
  })

  test('it is forwarded into another conversation, and once', async () => {
    const { at } = agent
    await openMenu('Sim, às nove.')
    await at('message-forward').click()
    await focused('forward-search')
    await at('forward-search').fill('bru')
    await at('forward-goal').filter({ hasText: 'Bruno' }).first().click()
    await at('forward-search').waitFor({ state: 'detached' })
    await until('the forwarded words', async () =>
      (await desk.app.api.messages(bruno)).some(
        one => one.fromMe && one.body === 'Sim, às nove.' && one.ack === 'delivered',
      ),
    )
    expect((await desk.app.api.messages(bruno)).filter(one => one.fromMe)).toHaveLength(1)
  })

  test('it is deleted for everyone, once that was confirmed', async () => {
    const { at, page } = agent
    await openMenu('Sim, às nove.')
    await at('message-delete').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await bubble('Sim, às nove.').waitFor()
    await openMenu('Sim, às nove.')
    await at('message-delete').click()
    await dialog.getByRole('button', { name: 'Delete for everyone' }).click()
    await bubble('This message was deleted').waitFor()
    await until('the deletion on the phone', async () =>
      (await outbound()).some(one => one.kind === 'revoke'),
    )
  })

  test('a template is found, filled in, seen and sent', async () => {
    const { at } = agent
    await at('template-open').click()
    await at('template-search').fill('ready hi')
    expect(await at('template').count()).toBe(1)
    await at('template').click()
    await at('template-send').click()
    await focused('template-parameter')
    expect(await at('template-parameter').nth(0).getAttribute('aria-invalid')).toBe('true')
    await at('template-parameter').nth(0).fill('Ana')
    await at('template-parameter').nth(1).fill('4471')
    expect(await at('template-preview').innerText()).toBe('Hi Ana, your order 4471 is ready')
    await at('template-send').click()
    await at('message', '[data-from-me="true"][data-ack="delivered"]')
      .filter({ hasText: 'your order 4471 is ready' })
      .waitFor()
    const sent = (await outbound()).filter(one => one.kind === 'template')
    expect(sent.map(one => one.body)).toEqual(['Hi Ana, your order 4471 is ready'])
  })

  test('a template with a picture above and a link below is sent with both', async () => {
    const { at } = agent
    await at('template-open').click()
    await at('template').filter({ hasText: 'order_shipped' }).click()
    await at('template-parameter').nth(0).fill('Ana')
    await at('template-parameter').nth(1).fill('4471')
    await at('template-send').click()
    await agent.page.getByText('Choose the file that stands above the words.').waitFor()
    await at('template-file').setInputFiles({ name: 'caixa.png', mimeType: 'image/png', buffer: PIXEL })
    await agent.page.getByText(/^Uploading/).waitFor({ state: 'detached' })
    await at('template-send').click()
    const said = at('message', '[data-from-me="true"][data-ack="delivered"]').filter({ hasText: 'saiu para' })
    await said.waitFor()
    await said
      .getByTestId('template-buttons')
      .filter({ hasText: 'https://example.com/pedidos/4471' })
      .waitFor()
    const [sent] = (await outbound()).filter(one => one.body.includes('saiu para'))
    expect(sent).toMatchObject({
      kind: 'template',
      media: { mime: 'image/png', name: 'caixa.png' },
      details: { header: { type: 'image' }, buttons: [{ type: 'url', parameter: '4471' }, {}] },
    })
  })

  test('choices are written without a mouse, and shown as they were sent', async () => {
    const { at } = agent
    await at('choices-open').click()
    await at('choices-question').fill('Entregamos quando?')
    await at('choice-title').nth(0).fill('Hoje')
    await press('Enter')
    await agent.page.keyboard.type('Amanhã')
    await press('Control+Enter')
    const said = at('message', '[data-from-me="true"][data-ack="delivered"]').filter({ hasText: 'quando?' })
    await said.getByTestId('choices').filter({ hasText: 'Amanhã' }).waitFor()
    const [sent] = (await outbound()).filter(one => one.kind === 'interactive')
    expect(sent).toMatchObject({
      body: 'Entregamos quando?',
      details: { choices: { type: 'buttons', buttons: [{ title: 'Hoje' }, { title: 'Amanhã' }] } },
    })
  })

  test('a file that is too large for the channel goes as a link, which dies with the message', async () => {
    const { at } = agent
    const large = Buffer.alloc(SIMULATED_MEDIA_BYTES_MAX + 1, 'x')
    await at('attach-input').setInputFiles({ name: 'planta.txt', mimeType: 'text/plain', buffer: large })
    await at('attachment').filter({ hasText: 'Goes as a link' }).waitFor()
    await at('attachment', '[data-state="ready"]').waitFor()
    await at('composer-send').click()
    const said = at('message', '[data-from-me="true"][data-ack="delivered"]').filter({
      hasText: 'planta.txt',
    })
    await said.getByTestId('as-link').waitFor()
    const [sent] = (await outbound()).filter(one => one.body.includes('planta.txt'))
    expect(sent?.kind).toBe('text')
    const { pathname, search } = new URL(/http\S+$/.exec(sent?.body ?? '')?.[0] ?? '')
    const link = new URL(pathname + search, desk.app.url)
    const file = await fetch(link)
    expect([file.status, file.headers.get('content-disposition')]).toEqual([
      200,
      "attachment; filename*=UTF-8''planta.txt",
    ])
    expect((await file.arrayBuffer()).byteLength).toBe(large.length)
    const id = await said.getAttribute('data-message-id')
    await desk.app.api.ask('DELETE', `/tickets/${ana}/messages/${id}`)
    await until('the link to lead nowhere', async () => (await fetch(link)).status === 404)
  })

  test('the browser had nothing to complain about', async () => {
    expect(agent.problems).toEqual([])
    expect(await overflow(agent)).toBe(0)
    expect(agent.refusals.filter(line => line !== '401 POST /api/v1/auth/refresh')).toEqual([])
    await picture(agent, 'journey-messages-acted-on')
  })
}

await journeysIn('messages are acted on', ['embedded'], journey)
