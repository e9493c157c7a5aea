import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './root.mjs'

const ASSETS = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-16x16.png',
  'favicon-32x32.png',
  'LICENSE',
  'NOTICE',
]

/** Puts the API reference's page assets beside the server: nothing is loaded from elsewhere at run time. */
export const copyApiReference = async () => {
  const target = join(ROOT, 'dist/swagger-ui')
  await mkdir(target, { recursive: true })
  await Promise.all(
    ASSETS.map(name => copyFile(join(ROOT, 'node_modules/swagger-ui-dist', name), join(target, name))),
  )
}
