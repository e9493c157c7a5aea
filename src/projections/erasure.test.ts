import { erasureSuite } from './testing/erasure-suite.ts'

erasureSuite('pglite')
