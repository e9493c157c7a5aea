import { runnerSuite } from './testing/runner-suite.ts'

runnerSuite('pglite')
