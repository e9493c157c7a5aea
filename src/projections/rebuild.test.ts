import { rebuildSuite } from './testing/rebuild-suite.ts'

rebuildSuite('pglite')
