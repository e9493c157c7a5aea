import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { whole } from '../../src/media/contract.ts'
import { webmToOgg } from '../../src/media/voice/remux.ts'
import { openBrowser } from '../support/browser.ts'

/** What a browser records of its own test sound becomes Ogg here, and the browser plays that to its end. */
let browser: Browser
let page: Page
let ogg = Buffer.alloc(0)
const server = createServer((asked, answer) => {
  const isFile = asked.url === '/voice.ogg'
  answer.setHeader('Content-Type', isFile ? 'audio/ogg' : 'text/html')
  answer.end(isFile ? ogg : '<!doctype html><title>voice</title>')
})
beforeAll(async () => {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  browser = await openBrowser([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
  ])
  page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
afterAll(async () => {
  await browser?.close()
  server.close()
})

/** Runs in the page; the tests know no browser's types. Ends once the recorder handed out enough. */
const RECORD = `(async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
  const recorder = new MediaRecorder(stream, { mimeType: 'audio/webm;codecs=opus', audioBitsPerSecond: 32000 })
  const parts = []
  await new Promise(resolve => {
    recorder.ondataavailable = ({ data }) => {
      parts.push(data)
      if (parts.length === 5) recorder.stop()
    }
    recorder.onstop = resolve
    recorder.start(500)
  })
  for (const track of stream.getTracks()) track.stop()
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
})()`

const PLAY = `(async () => {
  const audio = new Audio('/voice.ogg')
  const ended = new Promise((resolve, reject) => {
    audio.onended = resolve
    audio.onerror = () => reject(new Error(audio.error.message))
  })
  await audio.play()
  await ended
  const bytes = await (await fetch('/voice.ogg')).arrayBuffer()
  const decoded = await new AudioContext().decodeAudioData(bytes)
  const loudest = decoded.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  return { duration: audio.duration, at: audio.currentTime, decoded: decoded.duration, loudest }
})()`

test('a recording of the browser plays to its end as a voice note, as long as it was', async () => {
  const webm = Buffer.from((await page.evaluate(RECORD)) as string, 'base64')
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < webm.length; at += 500) yield webm.subarray(at, at + 500)
  }
  const remuxed = webmToOgg(pieces())
  ogg = Buffer.from(await whole(remuxed.bytes))
  const seconds = remuxed.seconds() ?? 0
  expect(seconds).toBeGreaterThan(1)

  const played = (await page.evaluate(PLAY)) as Record<'duration' | 'at' | 'decoded' | 'loudest', number>
  for (const said of [played.duration, played.at, played.decoded])
    expect(Math.abs(said - seconds)).toBeLessThan(0.2)
  expect(played.loudest).toBeGreaterThan(0.1)
})
