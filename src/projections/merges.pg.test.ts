import { describeColumn } from '../../test/columns.ts'
import { mergeSuite } from './testing/merge-suite.ts'

await describeColumn('pg', 'with a server', () => mergeSuite('postgres'))
