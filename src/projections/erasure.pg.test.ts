import { describeColumn } from '../../test/columns.ts'
import { erasureSuite } from './testing/erasure-suite.ts'

await describeColumn('pg', 'with a server', () => erasureSuite('postgres'))
