import { afterAll, beforeAll, expect, test } from 'vitest'
import { inPage, overflow, picture, signIn, visit, type Visitor } from '../support/browser.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

const journey = (column: MatrixColumn) => (): void => {
  let desk: Desk
  let guest: Visitor
  const theme = () => inPage<string>(guest, 'document.documentElement.dataset.theme')
  const language = () => inPage<string>(guest, 'document.documentElement.lang')
  const pick = async (menu: string, name: string): Promise<void> => {
    await guest.at(menu).click()
    await guest.page.locator('[role^="menuitem"]').getByText(name).click()
  }

  beforeAll(async () => {
    desk = await openDesk(column)
    guest = await visit(desk.browser, { url: desk.app.url, locale: 'pt-BR' })
  })
  afterAll(() => desk?.close())

  test('a wrong password is told in words, in the language that was chosen, without a reload', async () => {
    const { at, page } = guest
    await at('login-email').fill(desk.admin.email)
    await at('login-password').fill('not the password')
    await at('login-submit').click()
    await at('login-error').getByText('E-mail ou senha incorretos').waitFor()
    await picture(guest, 'login-wrong-password')
    await pick('language-menu', 'English')
    await at('login-error').getByText('E-mail or password is wrong').waitFor()
    await pick('language-menu', 'Español')
    await until('Spanish', async () => (await language()) === 'es')
    expect(await at('login-error').textContent()).not.toContain('wrong')
    expect(await at('login-password').inputValue()).toBe('not the password')
    await pick('language-menu', 'English')
    await page.getByText('Welcome to Fio').waitFor()
    expect(guest.loads()).toBe(1)
  })

  test('the theme is kept over a reload, and a login too', async () => {
    const { at, page } = guest
    expect(await theme()).toBe('light')
    await pick('theme-menu', 'Dark')
    await until('the dark theme', async () => (await theme()) === 'dark')
    await signIn(guest, desk.admin)
    await page.reload()
    await at('connection', '[data-state="live"]').waitFor()
    expect(await theme()).toBe('dark')
    expect(await language()).toBe('en')
    await pick('user-menu', 'Português')
    await at('tab-waiting').getByText('Aguardando').waitFor()
    expect(guest.loads()).toBe(2)
    expect(guest.problems).toEqual([])
  })

  test('who logs out is out, also after going back', async () => {
    const { at, page } = guest
    await at('user-menu').click()
    await at('logout').click()
    await at('login-email').waitFor()
    await page.reload()
    await at('login-email').waitFor()
    expect(await at('nav-inbox').count()).toBe(0)
  })

  test('on a phone one thing is shown at a time, and nothing is wider than the screen', async () => {
    await desk.session()
    await desk.write(
      '5511900888999',
      'Ana Souza',
      `Um endereço longo: https://example.com/${'x'.repeat(120)}`,
    )
    const phone = await desk.seat(desk.admin, { width: 390, height: 844 })
    const { at, page } = phone
    const fits = async (where: string): Promise<void> => expect(await overflow(phone), where).toBe(0)
    await at('tab-waiting').tap()
    await at('ticket-row').getByText('Ana Souza').waitFor()
    await fits('the list')
    await at('ticket-row').tap()
    await at('message').waitFor()
    expect(await at('ticket-row').isVisible()).toBe(false)
    await fits('the conversation')
    await at('composer-accept').tap()
    await at('composer-input').tap()
    await at('composer-input').fill('Respondo do celular')
    await at('composer-send').tap()
    await at('message', '[data-from-me="true"]').getByText('Respondo do celular').waitFor()
    await fits('the answer')
    await picture(phone, 'phone-conversation')
    await page.getByRole('button', { name: 'Back' }).tap()
    await at('ticket-row').getByText('Ana Souza').waitFor()
    expect(await at('composer-input').count()).toBe(0)
    for (const place of ['contacts', 'sessions', 'users', 'queues']) {
      await at(`nav-${place}`).tap()
      await page.getByRole('heading', { level: 1 }).waitFor()
      await fits(place)
    }
    expect(phone.problems).toEqual([])
  })
}

await journeysIn('logging in, and how it looks', ['embedded'], journey)
