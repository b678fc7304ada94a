/** The window on fixtures, for screenshots and benches. Not part of the product's build. */
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin, UserConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A view that is not written yet is an empty one on this page. */
const missingViews: Plugin = {
  name: 'missing-views',
  enforce: 'pre',
  resolveId: (id, importer) => (importer !== undefined && id.startsWith('.') && id.endsWith('.svelte') && !existsSync(resolve(dirname(importer), id)) ? here('./page/Missing.svelte') : undefined),
}

const config: UserConfig = {
  root: here('./page-b'),
  base: './',
  publicDir: false,
  plugins: [missingViews, svelte({ configFile: false, compilerOptions: { css: 'external' } })],
  build: { outDir: here('../artifacts/page-b'), emptyOutDir: true, target: 'chrome120', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2_000 },
  server: { fs: { allow: [here('../..')] } },
}

export default config
