import { isBuilt } from './stamp.mjs'
import { run } from './run.mjs'

/** Builds dist unless it was built from exactly these sources. In a process of its own: what the builders load is freed. */
export const ensureBuilt = async () => {
  if (isBuilt()) return
  const code = await run(process.execPath, ['scripts/build.mjs'])
  if (code !== 0) process.exit(code)
}
