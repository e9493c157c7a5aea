import { join } from 'node:path'
import { build } from 'vite'
import { ROOT } from './root.mjs'

/** Builds the browser's part as ui/vite.config.ts says, into dist/ui. */
export const buildUi = () =>
  build({
    root: join(ROOT, 'ui'),
    configFile: join(ROOT, 'ui/vite.config.ts'),
    build: {
      outDir: join(ROOT, 'dist/ui'),
      emptyOutDir: true,
      rolldownOptions: { checks: { pluginTimings: false, bundlerTimings: false } },
    },
    logLevel: 'warn',
  })
