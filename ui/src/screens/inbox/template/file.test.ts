import { createRoot } from 'solid-js'
import { expect, test, vi } from 'vitest'
import { answerFetch } from '../../../testing/fake-fetch.ts'
import { holdUploads } from '../../../testing/fake-upload.ts'
import { capabilities } from '../../../testing/samples.ts'
import { createHeaderFile } from './file.ts'

const MIB = 1024 * 1024
const picture = (size: number) => new File(['x'.repeat(size)], 'a.png', { type: 'image/png' })

test('a file above a template that is over the company’s limit is said with it, and not uploaded', async () => {
  const uploads = holdUploads()
  answerFetch(() => ({
    body: {
      outboundMediaBytesMax: MIB,
      largeFilesAsLinks: true,
      bounds: { mediaBytesMin: 1, mediaBytesMax: 2 * MIB },
    },
  }))
  const can = capabilities({ kinds: ['template', 'image'] })
  const [file, dispose] = createRoot(end => [createHeaderFile('image', () => can), end])
  await file.take(picture(MIB + 1))
  expect(file.held()?.refused).toEqual({ what: 'company', kind: 'image', max: MIB })
  expect(uploads).toHaveLength(0)
  void file.take(picture(MIB))
  await vi.waitFor(() => expect(uploads).toHaveLength(1), { timeout: 15_000 })
  expect(file.held()?.refused).toBeUndefined()
  dispose()
})
