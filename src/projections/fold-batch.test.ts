import { expect, test } from 'vitest'
import { largeHistory } from '../../test/support/large-history.ts'
import { recordedHistory } from '../../test/support/history/write.ts'
import { startFold, type Load, type LoadWhere } from './fold-batch.ts'
import { projections } from './tables.ts'

const facts = [...recordedHistory(largeHistory({ tickets: 40, messages: 500 }))]
const nothing: Load & LoadWhere = async () => []

const foldedBy = async (size: number) => {
  const fold = startFold(projections, nothing, nothing)
  for (let at = 0; at < facts.length; at += size) await fold.add(facts.slice(at, at + size))
  const { changes, poisons } = fold.folded()
  return { poisons, tables: changes.map(({ projection, rows, gone }) => [projection.table, rows, gone]) }
}

test('facts folded in stretches make the rows that they make at once', async () => {
  const atOnce = await foldedBy(facts.length)
  expect(atOnce.tables.length).toBeGreaterThan(5)
  expect(await foldedBy(37)).toEqual(atOnce)
})
