import { readsSuite } from './testing/reads-suite.ts'

readsSuite('pglite')
