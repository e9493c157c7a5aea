import { afterAll, beforeAll, expect, test } from 'vitest'
import { overflow, picture, type Visitor } from '../support/browser.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const
const LOOKS = (['pt-BR', 'en'] as const).flatMap(locale =>
  [false, true].flatMap(dark => SIZES.map(size => ({ locale, dark, ...size }))),
)
const CUSTOMERS = [
  ['Helena Castro', 'Vocês entregam em Campinas?'],
  ['Bruno Lima', 'Segue o comprovante do pagamento'],
  ['Carla Dias', 'Obrigada pela ajuda de ontem!'],
  ['Diego Rocha', 'Quero trocar o tamanho do tênis'],
  ['Elisa Prado', 'Bom dia! O site diz que está esgotado, mas vi na loja.'],
  ['Fábio Nunes', 'Qual é o prazo para o frete grátis?'],
] as const

/** A morning at a shop: six who wait, one who is being answered, one who is done. */
const morning = async (desk: Desk): Promise<string> => {
  const { api, world } = desk.app
  const session = await desk.session()
  const opened = async (from: string, name: string, text: string): Promise<string> => {
    await desk.write(from, name, text)
    const found = await until(`${name}'s ticket`, async () => (await api.ticketsOf(session, name))[0])
    return found.id
  }
  const say = (id: string, body: string) => api.post(`/tickets/${id}/messages`, { body })
  const done = await opened('5511900000190', 'Gustavo Reis', 'A nota fiscal chegou, obrigado!')
  await api.post(`/tickets/${done}/accept`)
  await api.post(`/tickets/${done}/close`)

  const ana = await opened('5511900000101', 'Ana Souza', 'Oi! Meu pedido 4471 ainda não chegou.')
  await api.post(`/tickets/${ana}/accept`)
  await say(ana, 'Bom dia, Ana! Vou verificar com a transportadora agora mesmo.')
  await say(ana, 'Achei: saiu para entrega hoje às 8h10 e chega até as 14h.')
  await until('both answers sent', async () => (await world.phone.outbound(session)).items.length === 2)
  for (const { messageId } of (await world.phone.outbound(session)).items)
    await world.phone.ack(session, messageId, 'read')
  await desk.write('5511900000101', 'Ana Souza', 'Que bom! Pode deixar na portaria?')
  await say(ana, 'Claro, já avisei o entregador. Qualquer coisa, é só chamar por aqui.')
  await until('the last answer delivered', async () => (await api.messages(ana)).at(-1)?.ack === 'delivered')
  for (const [index, [name, text]] of CUSTOMERS.entries()) await opened(`551190000020${index}`, name, text)
  return ana
}

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let ticket: string

  beforeAll(async () => {
    desk = await openDesk(column)
    ticket = await morning(desk)
  })
  afterAll(() => desk?.close())

  test.each(LOOKS)('$locale, dark $dark, $width wide', async look => {
    const visitor: Visitor = await desk.seat(desk.admin, look)
    const { at, page, problems, context } = visitor
    const name = `${look.width}-${look.dark ? 'dark' : 'light'}-${look.locale}`
    const screens: Record<string, [path: string, there: () => Promise<void>]> = {
      inbox: [`/tickets/${ticket}`, () => at('message').nth(4).waitFor()],
      waiting: [
        '/inbox',
        () =>
          at('tab-waiting')
            .click()
            .then(() => at('ticket-row').nth(5).waitFor()),
      ],
      history: [`/tickets/${ticket}/history`, () => at('history-message').nth(4).waitFor()],
      channel: [`/sessions/${await desk.session()}`, () => at('state-chart').waitFor()],
      channels: ['/sessions', () => at('session-card', '[data-status="connected"]').waitFor()],
      contacts: ['/contacts', () => page.getByText('Gustavo Reis').first().waitFor()],
      users: ['/settings/users', () => page.getByText('admin@example.com').first().waitFor()],
      company: ['/settings/company', () => page.locator('form').waitFor()],
      queues: ['/settings/queues', () => page.getByText('Vendas').first().waitFor()],
    }
    for (const [screen, [path, there]] of Object.entries(screens)) {
      await page.goto(path)
      await there()
      await at('connection', '[data-state="live"]').waitFor()
      await picture(visitor, `screen-${screen}-${name}`)
      expect(await overflow(visitor), screen).toBe(0)
      expect(await page.title(), screen).toMatch(/\S · Fio$/)
    }
    expect(problems).toEqual([])
    await context.close()
  })
}

await journeysIn('every screen fits', ['embedded'], journey)
