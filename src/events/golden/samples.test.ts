import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decode } from '../../eventstore/codec.ts'
import {
  filesIn,
  makeSample,
  mayWrite,
  readJson,
  sampleFile,
  schemaOf,
  writeJson,
  type Sample,
} from '../../../test/support/golden.ts'
import { allEvents, type EventType } from '../all.ts'
import type { FactDefinition } from '../define.ts'

const types = Object.keys(allEvents) as EventType[]
const versions = types.flatMap(type => {
  const { version }: FactDefinition = allEvents[type]
  return Array.from({ length: version }, (_, i) => ({ type, version: i + 1, newest: i + 1 === version }))
})

beforeAll(async () => {
  if (!mayWrite) return
  for (const { type, version, newest } of versions)
    if (newest && !existsSync(sampleFile(type, version)))
      await writeJson(sampleFile(type, version), makeSample(type))
})

describe('golden samples', () => {
  test('there is one of every version of every type, and of nothing else', async () => {
    expect(await filesIn('samples')).toEqual(
      versions.map(({ type, version }) => sampleFile(type, version)).sort(),
    )
  })

  test.each(versions)('$type, version $version, is read for ever', async ({ type, version, newest }) => {
    const { event, key, opened } = await readJson<Sample>(sampleFile(type, version))
    expect(event.metadata['schema']).toBe(version)
    const read = await decode(event, { get: () => Promise.resolve(Buffer.from(key, 'base64')) })
    expect(read.type).toBe(type)
    // An older version says what its upcasts make of it; it must open and keep what it said.
    if (newest) expect(read.data).toEqual(opened)
  })

  test.each(versions)('$type, version $version, is readable after the person was erased', async ({ type, version }) => {
    const { event } = await readJson<Sample>(sampleFile(type, version))
    const read = await decode(event, { get: () => Promise.resolve(null) })
    const { personal }: FactDefinition = allEvents[type]
    if (personal) expect((read.data as { personal: unknown }).personal).toBeNull()
    else expect(read.data).not.toHaveProperty('personal')
  })

  test.each(versions.filter(({ newest }) => newest))(
    'the schema of $type is that of its version: a change takes a new version and an upcast',
    async ({ type, version }) => {
      const { schema } = await readJson<Sample>(sampleFile(type, version))
      expect(schemaOf(allEvents[type])).toEqual(schema)
    },
  )

  test('a schema that changed without a new version is noticed', async () => {
    const { schema } = await readJson<Sample>(sampleFile('ticket.closed', 1))
    const definition: FactDefinition = allEvents['ticket.closed']
    const changes: FactDefinition[] = [
      { ...definition, open: definition.open.extend({ note: z.string().optional() }) },
      { ...definition, open: definition.open.omit({ userId: true }) },
      { ...definition, personal: z.object({}) },
    ]
    for (const changed of changes) expect(schemaOf(changed)).not.toEqual(schema)
  })
})
