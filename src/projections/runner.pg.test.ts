import { describeColumn } from '../../test/columns.ts'
import { runnerSuite } from './testing/runner-suite.ts'

await describeColumn('pg', 'with a server', () => runnerSuite('postgres'))
