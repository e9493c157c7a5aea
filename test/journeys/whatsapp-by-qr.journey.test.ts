import { afterAll, beforeAll, expect, test } from 'vitest'
import { readQr } from '../doubles/whatsapp/read-qr.ts'
import { startWhatsAppProcess, type WhatsAppProcess } from '../doubles/whatsapp-process.ts'
import { picture, type Visitor } from '../support/browser.ts'
import { startCuttableLine, type CuttableLine } from '../support/cuttable-line.ts'
import { journeysIn, openDesk, type Desk } from '../support/desk.ts'
import { until } from '../support/until.ts'
import type { MatrixColumn } from '../support/world.ts'

const ACCOUNT = '5511900000001'
const ANA = '5511987654321'
/** Every key pair and every message is really made and encrypted, by three programs and a browser on what cores there are. */
const JOURNEY_MS_MAX = 240_000

const journey = (column: MatrixColumn) => (): void => {
  let whatsapp: WhatsAppProcess
  let line: CuttableLine
  let desk: Desk
  let admin: Visitor
  const show = (name: string) => picture(admin, `whatsapp-by-qr-${column}-${name}`)
  const card = (status: string) => admin.at('session-card', `[data-status="${status}"]`)
  const bubble = (text: string) =>
    admin.at('message', '[data-from-me="false"]').getByText(text, { exact: true })
  const writes = (text: string) => whatsapp.write({ from: ANA, to: ACCOUNT, content: { kind: 'text', text } })

  /** What a camera reads on the screen. A code lives for seconds: what was replaced meanwhile is looked at again. */
  const scanTheScreen = () =>
    until('a code on the screen that the phone can scan', async () => {
      const code = admin.at('qr')
      const text = await code.getAttribute('data-qr')
      // Replaced while it was photographed, read or scanned: the next one then.
      const seen = await code
        .screenshot()
        .then(image => readQr({ picture: image }))
        .catch(() => null)
      if (!seen || seen.qr !== text) return false
      return whatsapp.scan({ qr: seen.qr, number: ACCOUNT }).then(
        () => true,
        () => false,
      )
    })

  beforeAll(async () => {
    ;[whatsapp, line] = await Promise.all([startWhatsAppProcess({ quickPairing: true }), startCuttableLine()])
    await whatsapp.person({ number: ANA, name: 'Ana Souza' })
    desk = await openDesk(column, {
      NODE_ENV: 'test',
      WHATSAPP_URL: whatsapp.url,
      WHATSAPP_ROOT_KEY: whatsapp.rootKey,
    })
    line.to(Number(new URL(desk.app.url).port))
    admin = await desk.seat(desk.admin, { url: line.url })
  }, JOURNEY_MS_MAX)
  afterAll(async () => {
    await desk?.close()
    await line?.close()
    await whatsapp?.stop()
  })

  test('a number is linked by the code on the screen', { timeout: JOURNEY_MS_MAX }, async () => {
    const { at, page } = admin
    await at('nav-sessions').click()
    await at('session-connect').click()
    await at('connect-baileys').click()
    await at('channel-form').waitFor()
    await page.keyboard.press('Escape')
    await at('channel-form').waitFor({ state: 'detached' })

    await at('session-connect').click()
    await at('connect-baileys').waitFor()
    await show('1-choice')
    await at('connect-baileys').click()
    await show('2-name')
    await at('channel-form').getByRole('button', { name: 'Create' }).click()
    await at('qr').waitFor()
    await show('3-code')
    await scanTheScreen()
    await at('scan', '[data-status="connected"]').waitFor({ timeout: JOURNEY_MS_MAX })
    await show('4-linked')
    await at('scan-done').click()
    await card('connected').getByText('+55 11 90000-0001').waitFor()
  })

  test('a customer is answered, and the answer is read', { timeout: JOURNEY_MS_MAX }, async () => {
    const { at } = admin
    await at('nav-inbox').click()
    await at('tab-waiting').click()
    await writes('Oi! Vocês abrem hoje?')
    await at('ticket-row').getByText('Ana Souza').click()
    await bubble('Oi! Vocês abrem hoje?').waitFor()
    await at('ticket-accept').click()
    await at('composer-input').fill('Abrimos às 9h, Ana!')
    await at('composer-send').click()
    const answer = (ack: string) => at('message', `[data-from-me="true"][data-ack="${ack}"]`)
    await answer('delivered').waitFor()
    const [got] = await whatsapp.sentTo({ number: ANA })
    expect(got?.text).toBe('Abrimos às 9h, Ana!')
    await whatsapp.receipt({ by: ANA, ids: [got?.id ?? ''], kind: 'read' })
    await answer('read').waitFor()
    await show('5-read')
  })

  test('a killed server connects again without another code', { timeout: JOURNEY_MS_MAX }, async () => {
    const { at } = admin
    const state = (now: string) => at('connection', `[data-state="${now}"]`)
    await desk.app.kill('SIGKILL')
    await state('reconnecting').waitFor()
    await writes('Escrevi enquanto vocês estavam fora')
    await desk.app.start()
    line.to(Number(new URL(desk.app.url).port))
    await state('live').waitFor({ timeout: JOURNEY_MS_MAX })
    await bubble('Escrevi enquanto vocês estavam fora').waitFor({ timeout: JOURNEY_MS_MAX })
    await writes('E agora?')
    await bubble('E agora?').waitFor()
    expect(await at('message').count()).toBe(4)
    expect(await whatsapp.failures({})).toEqual([])
    await at('nav-sessions').click()
    await card('connected').waitFor()
    expect(await whatsapp.sessions({})).toMatchObject([{ account: ACCOUNT, online: true }])
  })

  test(
    'what WhatsApp ends it with is said in words, and only what may come back does',
    { timeout: JOURNEY_MS_MAX },
    async () => {
      const { at } = admin
      // Refused for a while, so that it can be read before it is there again by itself.
      await whatsapp.misbehave({ account: ACCOUNT, refuseLogin: { times: 1_000, code: 503 } })
      await whatsapp.streamError({ account: ACCOUNT, code: 503 })
      await card('reconnecting').getByText('the channel is unavailable').waitFor()
      await show('6-reconnecting')
      await whatsapp.behave({ account: ACCOUNT })
      await card('connected').waitFor({ timeout: JOURNEY_MS_MAX })
      for (const [code, status, words] of [
        [440, 'replaced', 'the account connected somewhere else'],
        [403, 'restricted', 'the channel restricted the account'],
      ] as const) {
        await whatsapp.streamError({ account: ACCOUNT, code })
        await card(status).getByText(words).waitFor()
        await show(`7-${status}`)
        // Back by a click, with the keys it has: no code is shown.
        await card(status).getByTestId('session-start').click()
        await at('scan', '[data-status="connected"]').waitFor({ timeout: JOURNEY_MS_MAX })
        await at('scan-done').click()
        await card('connected').waitFor()
      }
      // Asked for by WhatsApp itself: nobody is told.
      const { logins = 0 } = (await whatsapp.sessions({}))[0] ?? {}
      await whatsapp.streamError({ account: ACCOUNT, code: 515 })
      await until('another login', async () => ((await whatsapp.sessions({}))[0]?.logins ?? 0) > logins)
      await card('connected').waitFor()
    },
  )

  test('unlinked on the phone, it says so and why', { timeout: JOURNEY_MS_MAX }, async () => {
    const { at } = admin
    await whatsapp.streamError({ account: ACCOUNT, code: 401 })
    await card('logged-out').getByText('unlinked on the phone').waitFor()
    await card('logged-out').getByRole('link', { name: 'WhatsApp' }).click()
    await at('session-history-entry', '[data-type="session.loggedOut"]')
      .getByText('unlinked on the phone')
      .waitFor()
    await at('state-chart', '[data-status="logged-out"]').waitFor()
    const types = await at('session-history-entry').evaluateAll(rows =>
      rows.map(row => row.getAttribute('data-type')),
    )
    expect(types.filter(type => type === 'session.awaitingScan')).toHaveLength(1)
    await show('8-logged-out')
    expect(admin.loads()).toBe(1)
    expect(admin.problems).toEqual([])
  })
}

await journeysIn('WhatsApp by QR', ['embedded'], journey)
