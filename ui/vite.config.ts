import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig, type Plugin } from 'vite'
import solid from 'vite-plugin-solid'

const server = process.env['FIO_SERVER'] ?? 'http://127.0.0.1:8080'
const COMPRESSED = /\.(js|css|html|svg)$/
const WORTH_BYTES_MIN = 1024

/** The server hands out `.br` and `.gz` beside a file: compressed once here, never per request. */
const compressed = (): Plugin => ({
  name: 'fio-compressed',
  apply: 'build',
  writeBundle: ({ dir }) => {
    for (const entry of readdirSync(dir ?? '', { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !COMPRESSED.test(entry.name)) continue
      const path = join(entry.parentPath, entry.name)
      const content = readFileSync(path)
      if (content.length < WORTH_BYTES_MIN) continue
      writeFileSync(`${path}.br`, brotliCompressSync(content))
      writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
    }
  },
})

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid(), tailwindcss(), compressed()],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    // Data URLs would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What every screen needs is one file: a dozen crumbs cost more requests and compress worse.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'common', test: /ui\/src\/(parts|stores|api|sync|i18n\/(index|format|explain))/ }],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: {
      '/api': server,
      '/openapi.json': server,
      '/docs': server,
      '/socket.io': { target: server, ws: true },
    },
  },
})
