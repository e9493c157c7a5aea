import { describeColumn } from '../../test/columns.ts'
import { readsSuite } from './testing/reads-suite.ts'

await describeColumn('pg', 'with a server', () => readsSuite('postgres'))
