import { sweepsSuite } from './testing/sweeps-suite.ts'

sweepsSuite('pglite')
