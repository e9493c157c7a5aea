import { expect, test } from 'vitest'
import { placesOf } from './places.ts'

test('media in a bucket are named as what a backup lacks', () => {
  const places = placesOf({ DATA_DIR: '/srv/fio', MEDIA_URL: 's3://KEY:hidden@host/bucket' })
  expect(places.media).toBeNull()
  expect(places.outside).toEqual([expect.stringContaining('the media (in a bucket)')])
  expect(JSON.stringify(places)).not.toContain('hidden')
  expect(placesOf({ DATA_DIR: '/srv/fio' })).toMatchObject({ media: '/srv/fio/media', outside: [] })
})
