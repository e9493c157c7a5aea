import { describeColumn } from '../../test/columns.ts'
import { rebuildSuite } from './testing/rebuild-suite.ts'

await describeColumn('pg', 'with a server', () => rebuildSuite('postgres'))
