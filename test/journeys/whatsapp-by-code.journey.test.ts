import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWhatsAppProcess, type WhatsAppProcess } from '../doubles/whatsapp-process.ts'
import { picture, type Visitor } from '../support/browser.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

const ACCOUNT = '5511900000001'
/** The key pairs are really made, and the code is really typed, by three programs and a browser on what cores there are. */
const JOURNEY_MS_MAX = 240_000

const journey = (column: MatrixColumn) => (): void => {
  let whatsapp: WhatsAppProcess
  let desk: Desk
  let admin: Visitor
  const show = (name: string) => picture(admin, `whatsapp-by-code-${column}-${name}`)

  beforeAll(async () => {
    whatsapp = await startWhatsAppProcess({ quickPairing: true })
    desk = await openDesk(column, {
      NODE_ENV: 'test',
      WHATSAPP_URL: whatsapp.url,
      WHATSAPP_ROOT_KEY: whatsapp.rootKey,
    })
    admin = await desk.seat(desk.admin)
  }, JOURNEY_MS_MAX)
  afterAll(async () => {
    await desk?.close()
    await whatsapp?.stop()
  })

  test(
    'a number is linked by the code that is typed into its phone',
    { timeout: JOURNEY_MS_MAX },
    async () => {
      const { at } = admin
      await at('nav-sessions').click()
      await at('session-connect').click()
      await at('connect-baileys').click()
      await at('channel-form').getByRole('button', { name: 'Create' }).click()
      await at('qr').waitFor()

      await at('link-by-phone').click()
      const number = admin.page.getByLabel('Phone number of this WhatsApp')
      await number.pressSequentially(`+${ACCOUNT}`)
      await at('phone-form').getByText('Brazil · +55 11 90000 0001').waitFor()
      await show('1-number')
      await at('phone-ask').click()
      await at('pairing-code').waitFor()
      await show('2-code')

      // Given up, and taken up again: the codes of both ways are those of the same line.
      await at('back-to-qr').click()
      await at('qr').waitFor()
      await at('link-by-phone').click()
      const code = (await at('pairing-code').getAttribute('data-code')) ?? ''
      await until('the code at WhatsApp', async () =>
        (await whatsapp.codesWaiting({})).some(({ number: waiting }) => waiting === ACCOUNT),
      )
      await whatsapp.enterCode({ code, number: ACCOUNT })
      await at('scan', '[data-status="connected"]').waitFor({ timeout: JOURNEY_MS_MAX })
      await show('3-linked')
      await at('scan-done').click()
      await at('session-card', '[data-status="connected"]').getByText('+55 11 90000-0001').waitFor()
      expect(await whatsapp.failures({})).toEqual([])
      expect(admin.problems).toEqual([])
    },
  )
}

await journeysIn('WhatsApp by a typed code', ['embedded'], journey)
