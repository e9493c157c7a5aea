import { describeColumn } from '../../test/columns.ts'
import { sweepsSuite } from './testing/sweeps-suite.ts'

await describeColumn('pg', 'with a server', () => sweepsSuite('postgres'))
