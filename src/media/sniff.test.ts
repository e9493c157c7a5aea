import { expect, test } from 'vitest'
import { sniff } from './sniff.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const EXE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])
const of = (bytes: Buffer | string, declared = 'image/png', name: string | null = null) =>
  sniff(Buffer.from(bytes), { declared, name })

test('what it is called changes nothing about what it is', async () => {
  expect(await of(PNG, 'text/html', 'x.txt')).toEqual({ mime: 'image/png', verdict: 'fine' })
  expect(await of(EXE, 'image/png', 'holiday.png')).toMatchObject({ verdict: 'dangerous' })
  expect(await of('%PDF-1.7\n', 'image/png')).toEqual({ mime: 'application/pdf', verdict: 'fine' })
})

test.each([
  '<!DOCTYPE html><p>hi',
  '  <script>alert(1)</script>',
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
  'hello <SCRIPT src=x></script>',
  '#!/bin/sh\nrm -rf /',
])('what would run where it is opened is dangerous: %s', async text => {
  expect(await of(text, 'text/plain', 'notes.txt')).toEqual({ mime: 'text/plain', verdict: 'dangerous' })
})

test.each(['run.bat', 'page.html', 'picture.svg', 'invoice.pdf.exe', 'macro.JS'])(
  'so is what a double click runs, however harmless it looks: %s',
  async name => {
    expect(await of('echo hello', 'text/plain', name)).toMatchObject({ verdict: 'dangerous' })
  },
)

test('text is text, of the kind that its name says', async () => {
  expect(await of('a;b\nção;2', 'application/x-evil')).toEqual({ mime: 'text/plain', verdict: 'fine' })
  expect(await of('a;b\n1;2', '', 'list.csv')).toEqual({ mime: 'text/csv', verdict: 'fine' })
  expect(await of('')).toEqual({ mime: 'text/plain', verdict: 'fine' })
  // A sample that ends in the middle of a character.
  expect(await of(Buffer.from('ação').subarray(0, 3))).toEqual({ mime: 'text/plain', verdict: 'fine' })
})

test('bytes that say nothing are unknown', async () => {
  expect(await of(Buffer.from([1, 2, 3, 4, 0, 255, 254, 7]))).toEqual({
    mime: 'application/octet-stream',
    verdict: 'unknown',
  })
})

test('a container of sound or picture is what its sender says of it, and of nothing else', async () => {
  const webm = Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex')
  expect((await of(webm, 'audio/webm;codecs=opus')).mime).toBe('audio/webm')
  expect((await of(webm, 'image/png')).mime).toBe('video/webm')
})
