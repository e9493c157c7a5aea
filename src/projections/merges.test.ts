import { mergeSuite } from './testing/merge-suite.ts'

mergeSuite('pglite')
